#!/bin/sh
# Draw the curves that `run.sh curves` has measured: time an instruction by how
# much distinct code is run, and by how much memory is touched.
#
#   plot.sh FOLDER      writes FOLDER/host-code.svg and FOLDER/host-memory.svg
set -eu
: "${BUILD:=build}"
folder=$1
values=$BUILD/bench-host/curves.tsv
points=$BUILD/bench-host/points
command -v gnuplot > /dev/null || { echo "plot.sh needs gnuplot"; exit 1; }

# bytes and nanoseconds, a file for each curve and emulator
emulators=$(awk -F '\t' 'NR > 1 && !seen[$2]++ { print $2 }' "$values")
for curve in code mem; do
    for who in $emulators; do
        awk -F '\t' -v curve=$curve -v who="$who" '
            split($1, part, "/") == 2 && part[1] == curve && $2 == who {
                size = part[2] + 0
                if (part[2] ~ /K/) size *= 1024
                if (part[2] ~ /M/) size *= 1048576
                print size, $8
            }' "$values" > "$points.$curve.$who"
    done
done

# draw CURVE FILE AXIS
draw() {
    {
        echo "set terminal svg size 720,420 font 'sans,13'"
        echo "set output '$folder/$2'"
        echo "set logscale xy; set grid; set key left top"
        echo "set xlabel '$3'; set ylabel 'ns an instruction'"
        echo "set format x '%.0b%B'"
        printf 'plot '
        comma=
        for who in $emulators; do
            printf "%s'%s' title '%s' with linespoints lw 2" "$comma" \
                "$points.$1.$who" "$who"
            comma=', '
        done
        echo
    } | gnuplot
    echo "$folder/$2"
}
draw code host-code.svg 'bytes of distinct code'
draw mem host-memory.svg 'bytes of memory touched, with paging'
