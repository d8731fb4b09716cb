#!/bin/sh
# How fast the host runs a guest, technique by technique: a Markdown table.
#
#   bench/host/techniques.sh          RUNS=5 rounds, of which the best counts
#
# Computation that hardly ever exits, and forkwait, nullcall and ptebulk, which
# do little else: guest instructions, interpreted ones too, and exits, a second
# of processor time. A round runs every technique once, so that a busy host
# disturbs all of them alike; the whole program is timed, start and end.
: "${BUILD:=build}" "${RUNS:=5}"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
. bench/host/seconds.sh
techniques=$(sed -n 's/^TECHNIQUE(\([^)]*\)).*/\1/p' \
    vmm/techniques/techniques.def | tr _ -)
work='compute:2000 forkwait:2000 nullcall:100000 ptebulk:3000'

round=0
while [ $round -lt "$RUNS" ]; do
    round=$((round + 1))
    for t in $techniques; do
        for w in $work; do
            printf '%s %s %s\n' "$t" "${w%:*}" "$(seconds "$BUILD"/ringside \
                run "${w%:*}" --append "n=${w#*:}" --technique "$t" --quiet)"
        done
    done
done > "$dir/times"
for t in $techniques; do
    for w in $work; do
        printf '%s %s ' "$t" "${w%:*}"
        "$BUILD"/ringside run "${w%:*}" --append "n=${w#*:}" --technique "$t" \
            --quiet --json 2> /dev/null | sed -n '/^{/,$p' |
            jq -r '"\(.instructions + .interpreted_instructions) \(.exits)"'
    done
done > "$dir/counts"
awk -v work="$work" -v techniques="$(echo "$techniques" | tr '\n' ' ')" '
    NR == FNR { k = $1 SUBSEP $2
        if (!(k in best) || $3 < best[k]) best[k] = $3; next }
    { n[$1, $2] = $3; x[$1, $2] = $4 }
    END {
        nt = split(techniques, t, " "); nw = split(work, w, /[: ][0-9]* ?/)
        printf "| technique | of bare, compute |"
        for (j = 1; w[j]; j++)
            printf " %s: million instructions/s | thousand exits/s |", w[j]
        printf "\n|---|--:|"
        for (j = 1; w[j]; j++) printf "--:|--:|"
        print ""
        for (i = 1; i <= nt; i++) {
            if (!n[t[i], "compute"]) continue
            rate = n[t[i], "compute"] / best[t[i], "compute"]
            if (i == 1) bare = rate
            printf "| %s | %.0f %% |", t[i], 100 * rate / bare
            for (j = 1; w[j]; j++) {
                s = best[t[i], w[j]]
                printf " %.0f | %.0f |", n[t[i], w[j]] / s / 1e6,
                    x[t[i], w[j]] / s / 1e3
            }
            print ""
        } }' "$dir/times" "$dir/counts"
