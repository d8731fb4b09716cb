#!/bin/sh
# Time is the cycle counter and nothing else: the same run twice, once by the
# fast engine and once by the reference engine, gives the same output, the
# same result and the same trace, byte for byte. And in
# every trace the books balance, added up here from its records alone.
: "${BUILD:=build}"
n=0
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

report() {
    n=$((n + 1))
    if [ "$2" = yes ]; then echo "ok $n - $1"; else echo "not ok $n - $1"; fi
}

# run NUMBER GUEST ARGUMENTS: output, result and trace in $dir.
run() {
    i=$1
    shift
    "$BUILD/ringside" run "$@" --trace "$dir/$i.jsonl" --json \
        > "$dir/$i.json" 2> "$dir/$i.out"
}

# Every exit's phases add up to its cost, the exits' costs to what the end
# record says, and with guest and idle cycles they are the clock; exits are
# numbered in order, and none begins before the one before it ended.
balance='
    def total(f): reduce .[] as $r (0; . + ($r | f));
    map(select(.exit)) as $exits | (.[] | select(.end)) as $sums |
    all($exits[]; .cost == ([.phases[]] | add // 0)) and
    ($exits | total(.cost)) == $sums.exits and
    ($exits | length) == $sums.count and
    ([$exits[].exit] == [range(1; $sums.count + 1)]) and
    ([$exits | [.[:-1], .[1:]] | transpose[] | select(length == 2) |
        .[0].start + .[0].cost <= .[1].start] | all) and
    $sums.guest + $sums.interpreted + $sums.exits + $sums.idle + $sums.others ==
        $sums.clock - $sums.since'

# twice NAME GUEST ARGUMENTS
twice() {
    name=$1
    shift
    run 1 "$@"
    first=$?
    run 2 "$@" --engine reference
    second=$?
    same=no
    [ $first -eq $second ] && [ -s "$dir/1.jsonl" ] &&
        cmp -s "$dir/1.out" "$dir/2.out" &&
        cmp -s "$dir/1.json" "$dir/2.json" &&
        cmp -s "$dir/1.jsonl" "$dir/2.jsonl" && same=yes
    report "$name: two runs, two engines, one trace" $same
    if ! command -v jq > /dev/null; then
        n=$((n + 1))
        echo "ok $n - $name: the books # skip no jq"
        return
    fi
    jq -e -s "$balance" "$dir/1.jsonl" > "$dir/jq" 2>&1 && same=yes || same=no
    report "$name: the trace's books balance" $same
}

for technique in bare full para emulate hybrid translate hvm-shadow hvm; do
    for workload in forkwait ctx8 ptebulk console ticks; do
        twice "$workload, $technique" "$workload" --technique $technique
    done
done
for lesson in cli-sti popf-lies page-fault ring-change triple-fault; do
    twice "$lesson, full" $lesson --technique full
    twice "$lesson, classic" $lesson --technique full --cpu classic
done
twice "para, para" para --technique para
# Stopped in the middle, at the limit, too.
for technique in bare full para translate hvm; do
    twice "a limit, $technique" forkwait --technique $technique --limit 3M
done
echo "1..$n"
