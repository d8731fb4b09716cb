#!/bin/sh
# The gates that every lab passes before anyone is given it:
#
#   labs/gates.sh LAB...      after `make labs-check` has built what it needs
#
#   1  the reference has all points, twice, with identical bytes
#   2  the stub has exactly none; what leaves functions out does not build
#   3  each mutant (at least five) loses points in the test meant for it
#   4  the exported handout builds and grades in an empty folder
#   5  nothing of a solution is in the handout, and a planted line is found
#
# Prints TAP. A mutant is a sed script on the solution; its first line names
# the test: "# 1.3 what is wrong". A second may be "# says PATTERN": what the
# finding has to have in it.
: "${BUILD:=build}"
n=0 bad=0
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

ok() { n=$((n + 1)); echo "ok $n - $1"; }
not_ok() { n=$((n + 1)); bad=1; echo "not ok $n - $1"; }

# grade LAB CHILD-FOLDER ANSWERS JSON [OPTION...]
grade() {
    lab=$1 child=$2 answers=$3 json=$4
    shift 4
    "$BUILD/labs/grader" --dir "labs/$lab" --guests "$BUILD/labs/$lab/guests" \
        --child "$child/child" --answers "$answers" --json "$json" \
        --hidden "$@" > "$json.txt" 2>&1
}

reference() {
    labs/build.sh "$BUILD/labs/$1/solution.c" "$tmp/solution" "$1" ||
        { not_ok "lab $1: the solution does not build"; return; }
    grade "$1" "$tmp/solution" "labs/$1/reference/answers.txt" "$tmp/one"
    first=$?
    grade "$1" "$tmp/solution" "labs/$1/reference/answers.txt" "$tmp/two"
    if [ $first -eq 0 ] && cmp -s "$tmp/one" "$tmp/two"; then
        ok "lab $1: the reference has all points, twice the same bytes"
    else
        not_ok "lab $1: the reference"
        grep -A4 -v '^PASS' "$tmp/one.txt" | sed 's/^/# /' | head -n 40
    fi
}

stub() {
    labs/build.sh "$BUILD/labs/$1/starter.c" "$tmp/stub" "$1" ||
        { not_ok "lab $1: the stub does not build"; return; }
    : > "$tmp/no-answers"
    grade "$1" "$tmp/stub" "$tmp/no-answers" "$tmp/stub.json"
    if tail -n 1 "$tmp/stub.json.txt" | grep -q ": 0.0 of "; then
        ok "lab $1: the stub has exactly 0"
    else
        not_ok "lab $1: the stub has points"
        grep '^P' "$tmp/stub.json.txt" | sed 's/^/# /'
    fi
    # Or the archive would give what the file leaves out.
    echo 'extern int nothing;' > "$tmp/nothing.c"
    if labs/build.sh "$tmp/nothing.c" "$tmp/nothing" "$1" 2> "$tmp/log" ||
        ! grep -q undefined "$tmp/log"
    then not_ok "lab $1: a file with nothing in it builds"
    else ok "lab $1: a file with nothing in it does not build"; fi
}

# mutant LAB FILE
mutant() {
    what=$(sed -n '1s/^# //p' "$2")
    test=${what%% *}
    says=$(sed -n '2s/^# says //p' "$2")
    sed -f "$2" "$BUILD/labs/$1/solution.c" > "$tmp/mutant.c"
    if cmp -s "$tmp/mutant.c" "$BUILD/labs/$1/solution.c"; then
        not_ok "lab $1, $2: it changes nothing"
    elif ! labs/build.sh "$tmp/mutant.c" "$tmp/mutant" "$1"; then
        not_ok "lab $1, $2: it does not build"
    elif grade "$1" "$tmp/mutant" "labs/$1/reference/answers.txt" \
            "$tmp/mutant.json" --only "$test"; then
        not_ok "lab $1, mutant passes: $what"
    elif [ $? -eq 1 ] && grep -q "$says" "$tmp/mutant.json.txt"; then
        ok "lab $1, mutant loses: $what"
    else
        not_ok "lab $1, mutant is no fault of the grader's: $what"
        sed 's/^/# /' "$tmp/mutant.json.txt"
    fi
}

mutants() {
    count=0
    for m in labs/"$1"/mutants/*.sed; do
        [ -f "$m" ] && count=$((count + 1)) && mutant "$1" "$m"
    done
    [ $count -ge 5 ] || not_ok "lab $1: only $count mutants"
}

handout() {
    rm -rf "$tmp/handout"
    if labs/handout.sh "$1" "$tmp/handout" > "$tmp/log" 2>&1; then
        ok "lab $1: the handout is made, and the leak check is clean"
    else
        not_ok "lab $1: the handout"
        sed 's/^/# /' "$tmp/log" | tail -n 5
        return
    fi
    # Lab 1's is built from nothing. Of the others processor and chips, which
    # are the same sources, are not compiled again.
    if [ "$1" != 1 ]; then
        mkdir -p "$tmp/handout/$BUILD"
        cp -Rp "$BUILD/flags" "$BUILD/cpu" "$BUILD/devices" \
            "$tmp/handout/$BUILD/"
    fi
    if (cd "$tmp/handout" &&
        $MAKE LAB="$1" grade) > "$tmp/log" 2>&1; [ $? -le 2 ] &&
        grep -q "lab $1: 0.0 of" "$tmp/log"; then
        ok "lab $1: it builds and grades in an empty folder"
    else
        not_ok "lab $1: it does not build and grade in an empty folder"
        sed 's/^/# /' "$tmp/log" | tail -n 10
    fi
    line=$(labs/leak.sh "$1" --line)
    echo "$line" >> "$tmp/handout/labs/lib.inc"
    if labs/leak.sh "$1" "$tmp/handout" > "$tmp/log" 2>&1; then
        not_ok "lab $1: a planted solution line is not found: $line"
    else
        ok "lab $1: a planted solution line is found"
    fi
}

# Several labs: one process each, as many at a time as there are processors;
# what they say comes in order.
if [ $# -gt 1 ]; then
    export BUILD MAKE
    printf '%s\n' "$@" | xargs -P "$(getconf _NPROCESSORS_ONLN)" -I '{}' \
        sh -c "$0"' {} > '"$tmp"'/lab{} 2>&1 || touch '"$tmp/bad"
    for lab; do cat "$tmp/lab$lab"; done
    [ ! -e "$tmp/bad" ]
    exit
fi

reference "$1"
stub "$1"
mutants "$1"
[ "$SKIP_HANDOUT" = yes ] || handout "$1"
echo "1..$n"
exit $bad
