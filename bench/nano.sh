#!/bin/sh
# The nanobenchmarks under each technique, in cycles an operation, beside
# Adams and Agesen's: a Markdown table on standard output, which `make
# predictions` puts into docs/COSTS.md.
#
#   bench/nano.sh
#
# $BUILD/ringside measures; what nano-empty takes, the loop, is taken off.
: "${BUILD:=build}"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
tab=$(printf '\t')
techniques='bare full emulate hybrid translate hvm-shadow hvm'

# Cycles a round under each technique: "name cycles" lines.
measure() {
    "$BUILD"/ringside compare "nano-$1" --json --quiet 2> /dev/null |
        jq -r '.[] | select(.status == 0) | "\(.technique) \(.cycles / 1000)"'
}
# What technique $2 took in file $1, less the empty loop; a page's share.
cycles() {
    awk -v t="$2" -v pages="$3" 'NR == FNR { loop[$1] = $2; next }
        $1 == t { printf "%.0f", ($2 - loop[t]) / pages; had = 1 }
        END { if (!had) printf "-" }' "$dir/empty" "$dir/$1"
}

measure empty > "$dir/empty"
echo "| nanobenchmark | native, software, hardware |" \
    "$(echo "$techniques" | sed 's/ / | /g') |"
echo '|---|---|---|---|---|---|---|---|---|'
grep -v '^#' "$(dirname "$0")/nano.tsv" |
    while IFS=$tab read -r name what native software hardware; do
        pages=1
        [ "$name" = tlbmiss ] && pages=2048
        measure "$name" > "$dir/$name"
        row="| $name: $what | $native, $software, $hardware |"
        for technique in $techniques; do
            row="$row $(cycles "$name" "$technique" $pages) |"
        done
        echo "$row"
    done
