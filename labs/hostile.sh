#!/bin/sh
# A class of generated submissions, right, unfinished, wrong and hostile,
# graded in one command; then every row is held against what it should be.
#
#   labs/hostile.sh [HOW-MANY] [LAB]        after make LAB=1 labs-check
#
# ONLY=hostile leaves the others out.
#
# A hostile one (labs/hostile/*.c) names in its first line what the grader must
# say of it: it earns nothing, and is named.
: "${BUILD:=build}"
export BUILD
most=${1:-30} lab=${2:-1}
class=$BUILD/labs/class-$lab
solution=$BUILD/labs/$lab/solution.c
rm -rf "$class" && mkdir -p "$class/in" || exit 2

# One folder a submission; its kind and what to expect go to `expect`.
new() { # KIND
    n=$((n + 1))
    name=$(printf 's%03d-%s' $n "$1")
    mkdir -p "$class/in/$name"
    cp "labs/$lab/reference/answers.txt" "$class/in/$name/"
    file=$class/in/$name/lab$lab.c
}
expect() { echo "$name|$1|$2" >> "$class/expect"; }

hostile() { # FILE
    # It takes hold of a function that only lab 1's file calls.
    [ "$lab" = 1 ] || [ "$1" != labs/hostile/counters.c ] || return
    new "$(basename "$1" .c)"
    if grep -q '^SOLUTION' "$1"; then
        sed -e "/^SOLUTION/{r $solution" -e 'd;}' "$1" > "$file"
    else
        cat "$1" "$solution" > "$file"
    fi
    expect 0 "$(sed -n '1s|^// \([^:]*\):.*|\1|p' "$1")"
}

n=0
while [ $n -lt "$most" ]; do
    for h in labs/hostile/*.c; do hostile "$h"; done
    [ "$ONLY" = hostile ] && break
    new right; cp "$solution" "$file"; expect all ''
    new stub; cp "$BUILD/labs/$lab/starter.c" "$file"
    : > "$class/in/$name/answers.txt"; expect 0 ''
    new empty; expect 0 'no file'
    new nothing; echo 'extern int nothing;' > "$file"; expect 0 'does not build'
    for m in labs/"$lab"/mutants/*.sed; do
        new "mutant-$(basename "$m" .sed)"
        sed -f "$m" "$solution" > "$file"; expect less ''
    done
done
ls "$class/in" | tail -n +$((most + 1)) | while read -r s; do
    rm -r "$class/in/$s"
done

begin=$(date +%s)
labs/grade-all.sh "$lab" "$class/in" "$class/grades.csv"
echo "# $(ls "$class/in" | wc -l) submissions in $(($(date +%s) - begin)) s"

most=$(awk '$1 ~ /^[0-9]+\.[0-9]+$/ { n += $3 } END { print n }' \
    "labs/$lab/tests.txt")
awk -F'|' -v grades="$class/grades.csv" -v most="$most" '
    BEGIN {
        while ((getline line < grades) > 0) {
            split(line, w, ",")
            points[w[1]] = w[2]
            row[w[1]] = line
        }
    }
    !($1 in row) { next }
    {
        p = points[$1]
        fine = $2 == "all" ? p == most : $2 == "less" ? p < most : p == 0
        if ($2 == "0" && $3 != "") fine = p == 0 && index(row[$1], $3)
        n++
        printf "%sok %d - %s\n", fine ? "" : "not ", n, $1
        if (!fine) { bad = 1; printf "# %s: expected %s %s\n", row[$1], $2, $3 }
    }
    END { print "1.." n; exit bad }' "$class/expect"
