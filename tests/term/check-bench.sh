#!/bin/sh
# ringside bench: sweeps read and refused, runs kept, killed and gone on
# with, shared out, and a report whose figures are the runs'.
: "${BUILD:=build}"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
n=0
ok() { # description, passed?
    n=$((n + 1))
    if [ "$2" = 0 ]; then echo "ok $n - $1"; else
        echo "not ok $n - $1"
        head -n 5 "$dir/err" | sed 's/^/# /'; fi
}
bench() { "$BUILD"/ringside bench "$@" --quiet > "$dir/out" 2> "$dir/err"; }

# ------------------------------------------------------------- bad sweeps
refused() { # description, what is said, the sweep's text
    printf "$3" > "$dir/bad.sweep"
    bench "$dir/bad.sweep" --out "$dir/none"
    status=$?
    [ $status = 2 ] && grep -q "$2" "$dir/err" && [ ! -e "$dir/none" ]
    ok "refused: $1" $?
}
refused 'an unknown workload, with its line' 'bad.sweep:2: no such workload' \
    'title T\nworkload nullcal\n'
refused 'an unknown technique, with a guess' "did you mean 'full'" \
    'workload nullcall\ntechnique fulk\npreset unit\n'
refused 'an unknown preset' 'p4-vt' 'workload compute\npreset p5\n'
refused 'no technique' 'names no technique' 'workload compute\npreset unit\n'
refused 'a size of nothing' 'not named above' 'size compute 5\n'
refused 'a size that is no number' "not 'five'" \
    'workload compute\nsize compute five\n'
refused 'an unknown word' "not 'workloads'" 'workloads all\n'
refused 'a word alone' 'nothing follows' 'workload\n'
refused 'a workload named twice' 'named twice' 'workload compute compute\n'
refused 'more runs than a life has time for' 'would be [0-9]* runs; 1 to' \
    "workload all nano\ntechnique all\npreset p4-vt unit pentium core2-vt \
haswell-ept\n$(for w in nullcall forkwait exec ctx2 ctx8 pagefault protect \
        ptebulk portio console ticks compute hypercall ipc ctxset tlbset \
        compile; do printf 'size %s 1 2 3 4 5 6 7\\n' $w; done)"
refused 'more sizes than there is room for' '7 is the most' \
    'workload compute\nsize compute 1 2 3 4 5 6 7 8\n'
refused 'a size that no guest takes' 'from 1 to 1000000' \
    'workload compute\nsize compute 1000001\n'
bench "$dir/nowhere.sweep" --out "$dir/none"
[ $? = 2 ] && grep -q 'nowhere.sweep: cannot read' "$dir/err"
ok 'refused: a sweep that is not there' $?
bench --part 3/2 --out "$dir/none"
[ $? = 2 ] && grep -q 'K/N' "$dir/err"
ok 'refused: part 3 of 2' $?

# ------------------------------------------------------------------- runs
cat > "$dir/two.sweep" <<END
title     Two workloads  # and a comment
workload  nullcall compute nano-empty nano-in
technique bare full
technique para
preset    p4-vt unit
size      nullcall 20 40
size      compute 20
END
bench "$dir/two.sweep" --out "$dir/a"
ok 'a sweep runs' $?
# 2 sizes x 2 presets x 3, 2 x 3, and 2 of two that are not para's
runs=$((2 * 2 * 3 + 2 * 3 + 2 * 2 * 2))
[ "$(wc -l < "$dir/a/results.jsonl")" = $runs ]
ok "its $runs runs are all there" $?
want=$("$BUILD"/ringside compare nullcall --append n=20 --technique full \
    --json --quiet | jq '.[] | select(.technique == "full") | .cycles')
got=$(jq 'select(.workload == "nullcall" and .technique == "full" and
    .preset == "p4-vt" and .size == 20) | .cycles' "$dir/a/results.jsonl")
[ -n "$want" ] && [ "$want" = "$got" ]
ok 'a run is what compare says' $?

same() { # folder: all that is not in runs/
    for file in report.md report.html results.csv results.jsonl; do
        cmp "$dir/a/$file" "$1/$file" > "$dir/err" 2>&1 || return 1
    done
}
"$BUILD"/ringside bench "$dir/two.sweep" --out "$dir/b" --jobs 1 --quiet &
pid=$!
while [ -z "$(ls "$dir"/b/runs/*.json 2> /dev/null)" ]; do sleep 0.05; done
kill -9 $pid 2> /dev/null
wait $pid 2> /dev/null
sleep 0.5 # the run that was under way ends by itself
[ ! -e "$dir/b/report.md" ]
ok 'killed half-way, it has written no report' $?
kept=$(ls "$dir"/b/runs/*.json | head -n 1)
touch -d 2001-01-01 "$kept"
bench "$dir/two.sweep" --out "$dir/b" && same "$dir/b"
ok 'and goes on, to the same bytes' $?
[ -z "$(find "$kept" -newermt 2001-01-02)" ]
ok 'without running again what was kept' $?
echo '{' > "$kept"
bench "$dir/two.sweep" --out "$dir/b" && same "$dir/b" && [ "$(wc -c < \
    "$kept")" -gt 2 ]
ok 'a damaged result is run again' $?

bench "$dir/two.sweep" --out "$dir/c" --part 2/2 &&
    grep -q 'still to be done' "$dir/out" && [ ! -e "$dir/c/report.md" ] &&
    bench "$dir/two.sweep" --out "$dir/c" --part 1/2 && same "$dir/c"
ok 'two halves make the same whole' $?

bench "$dir/two.sweep" --out /dev/null/x
[ $? = 2 ] && grep -q 'cannot be made' "$dir/err"
ok 'a folder that cannot be' $?
(trap '' XFSZ; ulimit -f 0; "$BUILD"/ringside bench "$dir/two.sweep" \
    --out "$dir/full" --quiet) > /dev/null 2> "$dir/pipe.err" | cat
[ ! -e "$dir/full/report.md" ] && [ -z "$(ls "$dir"/full/runs/*.json \
    2> /dev/null)" ]
ok 'a full disk: nothing that is cut off takes a result'\''s name' $?

# 12 KiB a file are enough for each run's, not for the report: what fits is
# there whole, the rest is not, and with room again the rest follows.
(trap '' XFSZ; ulimit -f 24; "$BUILD"/ringside bench "$dir/two.sweep" \
    --out "$dir/small" --quiet) > "$dir/out" 2> "$dir/err"
[ $? = 1 ] && grep -q 'results.jsonl: cannot be written' "$dir/err" &&
    [ ! -e "$dir/small/results.jsonl" ] && [ ! -e "$dir/small/report.html" ] &&
    [ -z "$(ls "$dir"/small/*.part 2> /dev/null)" ] &&
    [ "$(ls "$dir"/small/runs/*.json | wc -l)" = $runs ]
ok 'a disk that fills at the report: it says so, and leaves no half of one' $?
bench "$dir/two.sweep" --out "$dir/small" && same "$dir/small"
ok 'with room again the same command makes it' $?

# More pages than the guest has: no measurement, and no end of the others.
printf 'workload tlbset compute\ntechnique full\npreset unit\n%s\n' \
    'size tlbset 9 5000' > "$dir/much.sweep"
bench "$dir/much.sweep" --out "$dir/much"
grep -q '^tlbset.full.unit.5000: ' "$dir/much/report.md" &&
    grep -q 'no measurement' "$dir/much/report.md" &&
    [ "$(grep -c ',0,' "$dir/much/results.csv")" -ge 4 ]
ok 'a size that the guest has no memory for is told, the rest measured' $?

# ----------------------------------------------------------------- report
# Each ratio of the first table, from the runs once more.
ratios_hold() { # folder
    jq -rs '[.[] | select(.preset == "p4-vt" and .size == 20)]
        | . as $all | .[] | select(.technique != "bare") | . as $x
        | ($all[] | select(.workload == $x.workload and
            .technique == "bare").cycles) as $bare
        | "\(.workload) \(.technique) \(.cycles / $bare)"' \
        "$1/results.jsonl" > "$dir/ratios"
    awk 'NR == FNR { r[$1, $2] = $3; next }
        /^\| workload \| bare, cycles/ { on = 1
            sub(/bare, cycles/, "bare")
            n = split($0, head, /[ |]+/)
            for (i = 4; i < n; i++) name[i] = head[i]
            next }
        /^$/ { on = 0 }
        on && !/---/ { split($0, cell, /[ |]+/)
            for (i = 4; i in name; i++) { seen++
                d = cell[i] - r[cell[2], name[i]]
                if (d > 0.006 || d < -0.006) bad++ } }
        END { exit bad || seen < 4 }' "$dir/ratios" "$1/report.md"
}
ratios_hold "$dir/a"
ok 'the table of ratios is what the runs give' $?
cp -r "$dir/a" "$dir/wrong"
sed -i '/^| nullcall/s/[0-9.]* |$/7.77 |/' "$dir/wrong/report.md"
! ratios_hold "$dir/wrong"
ok 'and a wrong figure would be noticed' $?
[ "$(grep -o 'https*://[^"]*' "$dir/a/report.html" | sort -u |
    grep -vc '^http://www.w3.org/')" = 0 ] &&
    ! grep -q '<script src\|<link\|<img' "$dir/a/report.html"
ok 'the page needs nothing from elsewhere' $?
if command -v gnuplot > /dev/null; then
    figures=$(ls "$dir"/a/*.svg | wc -l)
    [ "$figures" -gt 1 ] &&
        [ "$(grep -c '<figcaption>' "$dir/a/report.html")" = "$figures" ] &&
        [ "$(grep -c '^<svg' "$dir/a/report.html")" = "$figures" ]
    ok "its $figures figures are in it, each with what it shows" $?
else
    echo "ok $((n + 1)) - figures # skip gnuplot is not installed"
    n=$((n + 1))
fi
echo "1..$n"
