#!/bin/sh
# Grade a class: labs/grade-all.sh LAB FOLDER GRADES.csv
#
# Every file or folder in FOLDER is a submission, each graded by a process of
# its own, as many at a time as there are processors, with GNU parallel where
# it is installed. NODES="a b" spreads them over machines by ssh that see the
# same files. Rows: name, points, full|lost|unbuilt|grader-fault, and why.
# SECRET=text: each by the variant of its student, the submission's name.
: "${BUILD:=build}"
export BUILD SECRET VARIANTS
lab=$1 from=$2 grades=$3
[ -d "$from" ] && [ -n "$grades" ] || {
    echo "make LAB=$lab grade-all SUBMISSIONS=folder OUT=grades.csv" >&2
    exit 2
}
work=$grades.reports
mkdir -p "$work" || exit 2
# Variants first, one after the other: making them is not for many at once.
if [ -n "$SECRET" ]; then
    find "$from" -mindepth 1 -maxdepth 1 | sort | while read -r s; do
        name=$(basename "$s"); name=${name%.tar.gz}
        labs/variant.sh number "$SECRET" "${name%.c}"
    done | sort -n | uniq | while read -r number; do
        echo "variant $number" >&2
        labs/variant.sh folder "$lab" "$number" > /dev/null || exit 1
    done || { echo "labs/grade-all.sh: a variant cannot be made" >&2; exit 2; }
fi
one='labs/grade-one.sh '$lab' {} '$work'/{/}'
if command -v parallel > /dev/null; then
    list=
    for node in $NODES; do list="$list,$node"; done
    find "$from" -mindepth 1 -maxdepth 1 | sort |
        parallel --will-cite $([ -t 2 ] && echo --bar) --timeout 900 \
            ${list:+--sshlogin "${list#,}" --workdir "$PWD" --env BUILD --env SECRET --env VARIANTS} \
            "$one"
else
    all=$(find "$from" -mindepth 1 -maxdepth 1 | wc -l)
    done=0
    find "$from" -mindepth 1 -maxdepth 1 | sort | while read -r s; do
        labs/grade-one.sh "$lab" "$s" "$work/$(basename "$s")"
        done=$((done + 1))
        [ -t 2 ] && printf '\r%d of %d' $done "$all" >&2
    done
fi
{
    echo "name,points,status,why"
    find "$from" -mindepth 1 -maxdepth 1 | sort | while read -r s; do
        cat "$work/$(basename "$s")/line" 2> /dev/null ||
            echo "$(basename "$s"),,grader-fault,\"no result\""
    done
} > "$grades.tmp" && mv "$grades.tmp" "$grades"
awk -F, 'NR > 1 { n[$3]++ } END { for (s in n) print s ": " n[s] }' "$grades"
! grep -q ',grader-fault,' "$grades"
