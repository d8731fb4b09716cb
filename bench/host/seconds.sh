# seconds.sh - timing, for the scripts beside it that source it.

# Processor seconds of a command, its children's as the shell adds them up.
seconds() {
    ("$@" > /dev/null 2>&1; times) | tail -n 1 |
        awk '{ split($1, u, /[ms]/); split($2, s, /[ms]/)
               print u[1] * 60 + u[2] + s[1] * 60 + s[2] }'
}
