#!/bin/sh
# What a student's targets do: labs/student.sh grade|diff-trace|run|replay|
# hint|handin|budgets, with LAB, FILE and perhaps T, SEED, STOP, HINT, BUILD.
dir=labs/$LAB
guests=$BUILD/labs/$LAB/guests
mine=$BUILD/labs/$LAB/mine
monitor=$BUILD/labs/$LAB/ringside

grader() {
    labs/build.sh "$FILE" "$mine" "$LAB" || exit 2
    "$BUILD/labs/grader" --dir "$dir" --guests "$guests" \
        --child "$mine/child" --answers "$dir/answers.txt" \
        ${T:+--only "$T"} ${SEED:+--seed "$SEED"} "$@"
}

# Of test T: its guest, and SEED or its first.
find_test() {
    set -- $(awk -v t="$T" '$2 == t || $1 == t { print $5, $6; exit }' \
        "$dir/tests.txt")
    [ $# -eq 2 ] || {
        echo "T=$T: give a test's name: $(awk '/^[0-9]/ { printf "%s ", $2 }' \
            "$dir/tests.txt")" >&2
        exit 2
    }
    [ "$1" != - ] || { echo "T=$T: this test runs no guest" >&2; exit 2; }
    guest=$guests/$1-${SEED:-${2%%,*}}.elf
    [ -f "$guest" ] || { echo "there is no $guest: other SEED?" >&2; exit 2; }
}
# The machine on which it is graded: labs/grade/machine.c.
machine() {
    echo --technique "$(sed -n 's/^technique //p' "$dir/lab.txt")" --memory 4
}

case $1 in
grade)
    grader --json results.jsonl
    ;;
diff-trace) grader --diff ;;
budgets) grader --budgets --hidden ;;
run)
    find_test
    "$monitor" stat "$guest" $(machine) --spread
    ;;
replay)
    find_test
    case $STOP in
    *[!0-9]*) echo "STOP=$STOP: give an exit's number" >&2; exit 2 ;;
    esac
    if [ "${STOP:-0}" -gt 0 ]; then
        { echo "run to exit $STOP"; cat; } |
            "$monitor" debug "$guest" $(machine) --plain
    else
        "$monitor" debug "$guest" $(machine) --plain
    fi
    ;;
hint)
    awk -v t="$T" -v most="${HINT:-1}" '
        $1 == "hint" { on = $2 == t; n = $3; next }
        on && n <= most { print; found = 1 }
        END {
            if (!found) { print "no hint for T=" t; exit 1 }
            if (most < 3) print "(more: HINT=" most + 1 ")"
        }' "$dir/hints.txt"
    ;;
handin)
    tar -czf "handin-$LAB.tar.gz" -C "$(dirname "$FILE")" "$(basename "$FILE")" \
        -C "$PWD/$dir" answers.txt && echo "handin-$LAB.tar.gz: hand this in"
    ;;
esac
