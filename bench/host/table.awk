# table.awk - what run.sh measured, as a table and as tab-separated values.
#
# Input:  kernel, instructions a round; then lines of run, emulator, kernel,
#         rounds, checksum, processor seconds, wall seconds.
# Output: millions of guest instructions a second (median), and how many
#         times faster than each of the others ours is: median (least-most).
# tsv:    kernel, emulator, instructions a round, nanoseconds a round (median,
#         least, most), millions of instructions a second, nanoseconds an
#         instruction.
BEGIN { FS = "\t" }

# Put v in order of size; returns how many there are.
function sort(v, n,   i, j, t) {
    for (i = 2; i <= n; i++)
        for (j = i; j > 1 && v[j] < v[j - 1]; j--) {
            t = v[j]; v[j] = v[j - 1]; v[j - 1] = t
        }
}
function median(v, n) {
    return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
}
# times[] of this kernel and emulator into v, sorted.
function collect(k, who, v,   r) {
    for (r = 1; r <= runs; r++)
        v[r] = time[r, who, k]
    sort(v, runs)
}
function ratio(k, who,   r, v) {
    for (r = 1; r <= runs; r++)
        v[r] = time[r, who, k] / time[r, "ours", k]
    sort(v, runs)
    if (k in group)
        logs[who, group[k]] += log(median(v, runs))
    logs[who, "all"] += log(median(v, runs))
    return sprintf("%.2f (%.2f-%.2f)", median(v, runs), v[1], v[runs])
}

NF == 2 { name[++kernels] = $1; count[$1] = $2; next }
{
    if (!($3 in sum)) sum[$3] = $5
    else if (sum[$3] != $5) {
        print "INVALID: " $3 " on " $2 " answers " $5 ", not " sum[$3]
        invalid = 1
    }
    if (!($2 in seen)) { seen[$2] = 1; emulator[++emulators] = $2 }
    time[$1, $2, $3] = $6 / $4 * 1e9
    if ($1 + 0 > runs) runs = $1 + 0
}

END {
    if (invalid || !runs)
        exit 1
    for (i = 1; i <= kernels; i++) {
        k = name[i]
        group[k] = k ~ /^code/ ? "straight code" : "system"
        if (k ~ /^(alu|sieve|fib|crc|qsort|matmul|mix)/)
            group[k] = "computation"
        members[group[k]]++; members["all"]++
    }
    printf "\n%-12s", "million/s"
    for (e = 1; e <= emulators; e++) printf " %7s", emulator[e]
    for (e = 2; e <= emulators; e++) printf "  %-20s", "ours/" emulator[e]
    printf "\n"
    print "kernel\temulator\tinstructions\tns_median\tns_least\tns_most\t" \
        "million_per_s\tns_per_instruction" > tsv
    for (i = 1; i <= kernels; i++) {
        k = name[i]
        printf "%-12s", k
        for (e = 1; e <= emulators; e++) {
            collect(k, emulator[e], v)
            m = median(v, runs)
            printf " %7.0f", count[k] / m * 1000
            printf "%s\t%s\t%d\t%.0f\t%.0f\t%.0f\t%.1f\t%.4f\n", k,
                emulator[e], count[k], m, v[1], v[runs], count[k] / m * 1000,
                m / count[k] > tsv
        }
        for (e = 2; e <= emulators; e++)
            printf "  %-20s", ratio(k, emulator[e])
        printf "\n"
        drift += log(time["again", "ours", k] / time[1, "ours", k])
    }
    print ""
    n = split("computation,system,straight code,all", g, ",")
    for (i = 1; i <= n; i++) {
        if (!members[g[i]]) continue
        printf "geometric mean, %s (%d):", g[i], members[g[i]]
        for (e = 2; e <= emulators; e++)
            printf "  %.2f x %s", exp(logs[emulator[e], g[i]] / members[g[i]]),
                emulator[e]
        printf "\n"
    }
    printf "ours, the first run's time repeated at the end: %.3f\n",
        exp(drift / kernels)
}
