#!/bin/sh
# `ringside run A B C`: guests of every technique on one machine. One that
# crashes or runs away leaves what the others say as it is, and weights and
# caps give each the share that they promise.
: "${BUILD:=build}"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
n=0
tap() { # status, what
    n=$((n + 1))
    [ "$1" -eq 0 ] && echo "ok $n - $2" || echo "not ok $n - $2"
}
alone() { # guest@technique: its lines, as they look in company
    "$BUILD/ringside" run "$1" --quiet --cost pentium 2> "$dir/err" | sed "s/^/$1| /"
}

set -- page-fault@full para@para ring-change@translate in-out@hybrid \
    popf-lies@emulate
"$BUILD/ringside" run "$@" triple-fault@full spin-cli@translate \
    hlt-cli@hybrid --limit 30M --cost pentium --quiet > "$dir/together" 2> "$dir/err"
[ $? -eq 124 ]
tap $? "a triple fault, a runaway and a deaf sleeper among five others"
for guest; do
    alone "$guest" > "$dir/alone"
    grep "^$guest|" "$dir/together" | cmp -s - "$dir/alone" &&
        [ -s "$dir/alone" ]
    tap $? "$guest says what it says alone"
done

# Each one's percent of what the three used, to within one.
shares() { # wanted...
    jq -e -r --argjson want "[$1, $2, $3]" '
        def used: .guest_cycles + .interpreted_cycles + .exit_cycles;
        (map(used) | add) as $all | map(100 * used / $all) |
        [., $want] | transpose | all((.[0] - .[1]) | fabs <= 1)' \
        "$dir/json" > "$dir/is"
}
three() { # options
    "$BUILD/ringside" run spin-cli@full spin-cli@translate spin-cli@emulate \
        --limit 90M --cost pentium --json --quiet "$@" \
        > "$dir/json" 2> "$dir/err"
}
three --schedule share --weight 512,256,256
shares 50 25 25
tap $? "weights of 2:1:1 share the processor 50:25:25"
three --cap 10,20,100
shares 10 20 70
tap $? "caps of 10 and 20 % leave 70 %"
