#!/bin/sh
# What an attached debugger costs the host: a Markdown table.
#
#   bench/host/attached.sh            RUNS=5 rounds, medians of their ratios
#
# The same guest three times a round, in turn: run; debug and continue, with
# nothing set; and with a breakpoint that is never met. Processor time of the
# whole program, its start and the first snapshot included.
: "${BUILD:=build}" "${RUNS:=5}"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
. bench/host/seconds.sh
echo continue > "$dir/attached"
printf 'break 0x12345\ncontinue\n' > "$dir/breakpoint"
work='compute:3000 forkwait:4000 nullcall:200000'
techniques='bare full para hvm'

round=0
while [ $round -lt "$RUNS" ]; do
    round=$((round + 1))
    for w in $work; do
        for t in $techniques; do
            set -- "${w%:*}" --append "n=${w#*:}" --technique "$t"
            printf '%s %s %s %s %s\n' "${w%:*}" "$t" \
                "$(seconds "$BUILD"/ringside run "$@" --quiet)" \
                "$(seconds "$BUILD"/ringside debug "$@" \
                    --batch "$dir/attached")" \
                "$(seconds "$BUILD"/ringside debug "$@" \
                    --batch "$dir/breakpoint")"
        done
    done
done | awk '
    { k = $1 " | " $2; if (!(k in n)) order[++keys] = k
      n[k]++; run[k, n[k]] = $3; a[k, n[k]] = $3 / $4; b[k, n[k]] = $3 / $5 }
    function median(x, k,   i, j, m, s, v) {
        m = n[k]
        for (i = 1; i <= m; i++) s[i] = x[k, i]
        for (i = 2; i <= m; i++)
            for (j = i; j > 1 && s[j - 1] > s[j]; j--) {
                v = s[j]; s[j] = s[j - 1]; s[j - 1] = v
            }
        return (s[int((m + 1) / 2)] + s[int(m / 2) + 1]) / 2
    }
    END {
        print "| work | technique | run, s | attached | with a breakpoint |"
        print "|---|---|--:|--:|--:|"
        for (i = 1; i <= keys; i++) {
            k = order[i]
            printf "| %s | %.2f | %.0f %% | %.0f %% |\n", k, median(run, k),
                100 * median(a, k), 100 * median(b, k)
        }
    }'
