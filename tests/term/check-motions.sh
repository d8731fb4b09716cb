#!/bin/sh
# Going back, as a property: MOTIONS random ones (40), under every technique.
: "${BUILD:=build}"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
: > "$dir/out"; : > "$dir/err"
. tests/term/guests.sh

# Backwards and forwards at random is where one comes in one go: the number of
# the whole machine is the same at the same cycle, devices and all.
# motions N SEED: motions of any kind, each followed by `hash`.
motions() {
    awk -v n=$1 -v seed=$2 'BEGIN {
        srand(seed)
        k = split("step 7|exit|exit 3|exit cr3|rstep|rstep 5|rexit|rexit 2|" \
            "run to ring|back to space|run to marker|over|rover|exit 40|" \
            "rexit 15|run if eax==1|back to injection|out|rcontinue", m, "|")
        print "watch esp if ring==3"
        for (i = 0; i < n; i++)
            print (rand() < 0.15 ? "goto " int(rand() * 1400000) \
                : m[1 + int(rand() * k)]) "\nhash"
    }'
}
# same TECHNIQUE N: as many motions; then once through, forwards.
same() {
    motions $2 $2 > "$dir/batch"
    timeout 3000 "$BUILD/ringside" debug forkwait --append n=4 --technique $1 \
        --batch "$dir/batch" > "$dir/out" 2> "$dir/err"
    sed -n 's/^  cycle \([0-9]*\): \([0-9a-f]*\)$/\1 \2/p' "$dir/out" |
        sort -n -u > "$dir/met"
    awk '{ print "goto " $1 "\nhash" }' "$dir/met" > "$dir/batch"
    timeout 3000 "$BUILD/ringside" debug forkwait --append n=4 --technique $1 \
        --batch "$dir/batch" 2> "$dir/err" |
        sed -n 's/^  cycle \([0-9]*\): \([0-9a-f]*\)$/\1 \2/p' |
        sort -n -u > "$dir/fresh"
    [ "$(wc -l < "$dir/met")" -gt $(($2 / 12)) ] &&
        diff "$dir/met" "$dir/fresh" | sed -n '1,4s/^/# /p' &&
        cmp -s "$dir/met" "$dir/fresh"
}
for t in bare full para emulate hybrid translate hvm-shadow hvm; do
    result "$t: ${MOTIONS:-40} motions, and a run in one go, are the same" \
        same $t ${MOTIONS:-40}
done

# Side by side each is as if it were alone, whatever the two of them do.
# pair FIRST SECOND N: motions of both and of one, then each alone.
pair() {
    { echo "beside $2"
      motions $3 $3 | sed 's/^hash$/side 1 hash\nside 2 hash/' |
          awk -v seed=$3 'BEGIN { srand(seed) }
              /hash/ || rand() < 0.6 { print; next }
              { print "side " (rand() < 0.5 ? 1 : 2) " " $0 }
              rand() < 0.2 { print "meet" }'; } > "$dir/batch"
    timeout 3000 "$BUILD/ringside" debug forkwait --append n=4 --technique $1 \
        --batch "$dir/batch" > "$dir/out" 2> "$dir/err"
    for side in 1 2; do
        awk -v side=$side '/side [12] hash$/ { whose = $(NF - 1) }
            /^  cycle [0-9]*: / && whose == side { print $2, $3 }' \
            "$dir/out" | tr -d : | sort -n -u > "$dir/met$side"
        awk '{ print "goto " $1 "\nhash" }' "$dir/met$side" > "$dir/batch"
        eval "technique=\$$side"
        timeout 3000 "$BUILD/ringside" debug forkwait --append n=4 \
            --technique $technique --batch "$dir/batch" 2> "$dir/err" |
            sed -n 's/^  cycle \([0-9]*\): \([0-9a-f]*\)$/\1 \2/p' |
            sort -n -u > "$dir/fresh$side"
        [ "$(wc -l < "$dir/met$side")" -gt $(($3 / 12)) ] &&
            cmp -s "$dir/met$side" "$dir/fresh$side" || return 1
    done
}
result "full beside para: ${MOTIONS:-40} motions, each as if it were alone" \
    pair full para ${MOTIONS:-40}
result "translate beside hvm: likewise" pair translate hvm ${MOTIONS:-40}
