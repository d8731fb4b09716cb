#!/bin/sh
# make bench-host: one image of kernels on our bare machine and on others, the
# time of each by kernel, and how they compare.
#
#   run.sh [table|curves]
#
#   ours     ringside run --technique bare
#   tcg      QEMU's JIT
#   icount   QEMU's JIT counting instructions exactly, as ours does (-icount
#            shift=0,sleep=off): the fair peer
#   bochs    Bochs at its best, if build-bochs.sh has made it; else Debian's,
#            which carries a debugger and is about four times slower
#
# How: the guest warms a kernel up, says "begin", runs it for some rounds and
# says "end" (main.c); stamp.c notes the emulator's processor time at both, so
# that neither starting up nor other programs count. Rounds are chosen for
# each emulator, from a first run, so that a kernel takes about TARGET
# seconds. Then RUNS runs of all kernels, the emulators taking turns, and ours
# once more, to show how much the host drifted. A round's checksum must be the
# same everywhere; its instructions are counted once, by ours, as the
# difference between one round and two.
#
# Ratios are of the times in one run; shown: the median (least-most).
#
# RUNS, TARGET, EMULATORS, KERNELS (a pattern for awk) and BOCHS may be set.
# Results: $BUILD/bench-host/{table,curves}.{txt,tsv}, raw times in *.raw.
set -u
: "${BUILD:=build}" "${RUNS:=5}" "${TARGET:=0.3}"
what=${1:-table}
FIRST=8                                 # rounds of the first run
[ "$what" = curves ] && FIRST=2
here=$BUILD/bench-host
best=${XDG_CACHE_HOME:-$HOME/.cache}/ringside-bochs/bochs
memory=320

for file in "$BUILD/ringside" "$here/stamp" "$here/kernels.elf"; do
    [ -f "$file" ] || { echo "run.sh: no $file: make bench-host"; exit 1; }
done
if [ -z "${BOCHS:-}" ]; then
    BOCHS=$(command -v bochs-bin)
    [ -x "$best" ] && BOCHS=$best
fi
have=ours
command -v qemu-system-i386 > /dev/null && have="$have tcg icount"
[ -n "$BOCHS" ] && have="$have bochs"
: "${EMULATORS:=$have}"

# The kernels, by their rows: the table's have no '/' in their names.
names() {
    sed -n -e 's/^KERNEL("\([^"]*\)".*/\1/p' -e 's/^CODE("\([^"]*\)".*/code\/\1/p' \
        -e 's/^TOUCH("\([^"]*\)".*/mem\/\1/p' bench/host/kernels.def |
        awk -v what="$what" -v only="${KERNELS:-.}" \
            '(what == "curves") == (/\// > 0) && $0 ~ only'
}

# emulate WHO "COMMAND LINE": lines of stamp.c.
emulate() {
    case $1 in
    ours) set -- "$2" "$BUILD/ringside" run --technique bare \
              --memory $memory --json --append "$2" "$here/kernels.elf" ;;
    bochs) set -- "$2" bench/host/bochs.sh "$BOCHS" $memory "$2" ;;
    *)  count=
        [ "$1" = icount ] && count='-icount shift=0,sleep=off'
        set -- "$2" qemu-system-i386 $count -kernel "$here/kernels.elf" \
            -append "$2" -m $memory -display none -debugcon stdio \
            -monitor none -serial null -net none -no-reboot ;;
    esac
    shift
    "$here/stamp" -t 300 "$@" < /dev/null
}

# The instructions of one round of each kernel, as ours counts them.
count_round() {
    "$BUILD/ringside" run --technique bare --memory $memory --json --quiet \
        --append "$1:$2" "$here/kernels.elf" 2> "$here/count.err" |
        sed -n 's/.*"instructions":[^0-9]*\([0-9]*\).*/\1/p'
}
count_all() {
    for k in $(names); do
        printf '%s\t%d\n' "$k" \
            $(($(count_round "$k" 2) - $(count_round "$k" 1)))
    done
}

# Words "kernel:rounds" for WHO, from the times of its first run.
choose_rounds() {
    awk -F '\t' -v target="$TARGET" '
        { t = $4 > 0.002 ? $4 : 0.002 # what is read too late says less
          n = int(target * $2 / t) + 1
          printf "%s:%d ", $1, n }' "$1"
}

# measure RUN WHO: append to the raw times.
measure() {
    emulate "$2" "$(cat "$here/rounds.$2")" > "$here/now" || exit 1
    awk -v run="$1" -v who="$2" '{ print run "\t" who "\t" $0 }' \
        "$here/now" >> "$here/$what.raw"
    echo "  run $1: $2" >&2
}

version() {
    case $1 in
    ours) git describe --always --dirty ;;
    bochs) "$BOCHS" --help 2>&1 | sed -n 's/.*Bochs x86 Emulator/Bochs/p' |
               head -n 1
           "$BOCHS" --help 2>&1 | grep -q -e '-rc ' && echo '(with debugger)' ;;
    *)  qemu-system-i386 --version | head -n 1 ;;
    esac | tr '\n' ' '
}
describe() {
    echo "host: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)," \
        "$(nproc) processors, $(uname -sr), gcc $(gcc -dumpversion)"
    for who in $EMULATORS; do echo "$who: $(version "$who")"; done
    echo "$RUNS runs, interleaved; about $TARGET s a kernel in each"
    case $(version bochs) in
    *debugger*) echo "Bochs here has a debugger: without one it is about 3.5" \
        "times faster on computation (bench/host/build-bochs.sh builds it)" ;;
    esac
}

# How long the command takes for a guest of a few instructions: the median of
# 21, on the wall clock.
start_up() {
    for technique in bare full; do
        i=0
        while [ $i -lt 21 ]; do
            from=$(date +%s%N)
            "$BUILD/ringside" run in-out --technique $technique --quiet \
                > "$here/now" || exit 1
            echo $((($(date +%s%N) - from) / 1000))
            i=$((i + 1))
        done | sort -n | sed -n 11p | awk -v t=$technique \
            '{ printf "a whole run of a small guest, %s: %.1f ms\n", t, $1 / 1000 }'
    done
}

count_all > "$here/$what.count"
for who in $EMULATORS; do
    line=$(names | sed "s/\$/:$FIRST/" | tr '\n' ' ')
    emulate "$who" "$line" > "$here/first" || exit 1
    choose_rounds "$here/first" > "$here/rounds.$who"
done
: > "$here/$what.raw"
run=1
while [ "$run" -le "$RUNS" ]; do
    for who in $EMULATORS; do measure $run "$who"; done
    run=$((run + 1))
done
measure again ours
{ describe
  awk -v tsv="$here/$what.tsv" -f bench/host/table.awk "$here/$what.count" \
      "$here/$what.raw" &&
  start_up; } | tee "$here/$what.txt"
