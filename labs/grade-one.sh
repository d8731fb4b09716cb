#!/bin/sh
# Grade one submission: labs/grade-one.sh LAB SUBMISSION FOLDER
#
# SUBMISSION is a file lab1.c, a folder with it and answers.txt, or what
# `make handin` made. Leaves FOLDER/results.jsonl, FOLDER/report.txt and
# FOLDER/line, a row for grades.csv. Whatever happens, there is a row.
: "${BUILD:=build}"
lab=$1 from=$2 out=$3
name=$(basename "$from"); name=${name%.tar.gz}; name=${name%.c}
mkdir -p "$out" || exit 3

row() { printf '%s,%s,%s,"%s"\n' "$name" "$1" "$2" "$3" > "$out/line"; }
row 0 error "the grader was stopped"

answers=$out/answers.txt
: > "$answers"
case $from in
*.tar.gz)
    (ulimit -f 20000; mkdir -p "$out/in" && timeout 20 tar -xzf "$from" \
        -C "$out/in" "lab$lab.c" answers.txt) 2> /dev/null
    from=$out/in
    ;;
esac
file=$from
if [ -d "$from" ]; then
    file=$from/lab$lab.c
    [ -f "$from/answers.txt" ] && [ ! -L "$from/answers.txt" ] &&
        head -c 10000 "$from/answers.txt" > "$answers"
fi
if [ -L "$file" ] || [ ! -f "$file" ]; then
    row 0 unbuilt "no file lab$lab.c"
    exit 0
fi
if ! labs/build.sh "$file" "$out" > "$out/report.txt" 2>&1; then
    row 0 unbuilt "$(grep '^labs:' "$out/report.txt" | tail -n 1 |
        tr -d '"\r' | tr -c '[:print:]\n' '?' | cut -c 1-150)"
    exit 0
fi
"$BUILD/labs/grader" --dir "labs/$lab" --guests "$BUILD/labs/$lab/guests" \
    --child "$out/child" --answers "$answers" --hidden \
    --json "$out/results.jsonl" > "$out/report.txt" 2>&1
status=$?
rm -f "$out/child" "$out/student.o" "$out/own"
points=$(sed -n 's/^lab [0-9]*: \([0-9.]*\) of .*/\1/p' "$out/report.txt")
why=$(awk '/^FAIL/ { getline; sub(/^ */, ""); gsub(/"/, ""); print; exit }' \
    "$out/report.txt" | cut -c 1-150)
case $status in
0) row "$points" full "" ;;
1) row "$points" lost "$why" ;;
*) row "" grader-fault "status $status: see report.txt" ;;
esac
