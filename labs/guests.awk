# guests.awk - the guests that a lab's tests and questions name: guest-seed.
function name(guest, seeds,   n, i, seed)
{
    n = split(seeds, seed, ",")
    for (i = 1; i <= n; i++)
        if (!seen[guest, seed[i]]++) print guest "-" seed[i]
}
/^[0-9]+\.[0-9]+ / && $7 != "predict" { name($5, $6) }
/^p[0-9]+ / { name($3, $4) }
