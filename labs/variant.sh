#!/bin/sh
# A student's variant: other seeds, and so other guests and predictions.
#
#   labs/variant.sh number SECRET STUDENT    the number, 1 to VARIANTS (20), by
#                                            a hash: few enough to be made once
#   labs/variant.sh LAB NUMBER FOLDER        FOLDER's tests.txt, questions.txt
#                                            and budgets.txt become that one's
#   labs/variant.sh folder LAB NUMBER        where those of the number are, for
#                                            grading; made if need be
: "${BUILD:=build}" "${MAKE:=make}"
if [ "$1" = number ]; then
    printf '%s:%s' "$2" "$3" | cksum |
        awk -v most="${VARIANTS:-20}" '{ print $1 % most + 1 }'
    exit
fi
if [ "$1" = folder ]; then
    made=$BUILD/labs/$2/variant-$3
    [ -d "$made" ] && { echo "$made"; exit; }
    rm -rf "$made.new"
    mkdir -p "$made.new" &&
        cp "labs/$2/tests.txt" "labs/$2/questions.txt" "$made.new/" &&
        "$0" "$2" "$3" "$made.new" >&2 && mv "$made.new" "$made" &&
        echo "$made"
    exit
fi
lab=$1 number=$2 dir=$3
awk -v n="$number" '
    /^[0-9]+\.[0-9]+ / && $7 != "predict" {
        count = split($6, seed, ",")
        list = n * 100 + seed[1]
        for (i = 2; i <= count; i++) list = list "," n * 100 + seed[i]
        $6 = list
    }
    { print }' "$dir/tests.txt" > "$dir/tests.new" &&
    mv "$dir/tests.new" "$dir/tests.txt" &&
    awk -v n="$number" '/^p[0-9]+ / {
            from = $4; $4 = n * 100 + from; sub("seed " from, "seed " $4)
        }
        { print }' "$dir/questions.txt" > "$dir/questions.new" &&
    mv "$dir/questions.new" "$dir/questions.txt" || exit 2
guests=$BUILD/labs/$lab/guests
$MAKE -s LAB= $(awk -f labs/guests.awk "$dir/tests.txt" "$dir/questions.txt" |
    sed "s|.*|$guests/&.elf|") > /dev/null &&
    labs/build.sh "$BUILD/labs/$lab/solution.c" "$BUILD/labs/$lab/variant" \
        "$lab" &&
    "$BUILD/labs/grader" --dir "$dir" --guests "$guests" --hidden --budgets \
        --child "$BUILD/labs/$lab/variant/child" |
        grep -E '^[a-z][a-z0-9_-]* [0-9]+ [0-9]+' > "$dir/budgets.txt"
