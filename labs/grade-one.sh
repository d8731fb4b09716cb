#!/bin/sh
# Grade one submission: labs/grade-one.sh LAB SUBMISSION FOLDER
#
# SUBMISSION is a file lab1.c, a folder with it and answers.txt, or what
# `make handin` made. Leaves FOLDER/results.jsonl, FOLDER/report.txt and
# FOLDER/line, a row for grades.csv. Whatever happens, there is a row.
# SECRET=text: by the variant of STUDENT, or else of the submission's name.
: "${BUILD:=build}"
lab=$1 from=$2 out=$3
name=$(basename "$from"); name=${name%.tar.gz}; name=${name%.c}
mkdir -p "$out" || exit 3
rm -f "$out/results.jsonl"

row() { printf '%s,%s,%s,"%s"\n' "$name" "$1" "$2" "$3" > "$out/line"; }
row 0 error "the grader was stopped"

# It does not build: one failed test that is worth them all.
unbuilt() {
    row 0 unbuilt "$1"
    awk '$1 ~ /^[0-9]+\.[0-9]+$/ { n += $3 } END { print n }' \
        "labs/$lab/tests.txt" > "$out/most"
    tail -n 30 "$out/report.txt" 2> /dev/null | tr -cd '[:print:]\n\t' |
        awk -v lab="$lab" -v why="$1" -v most="$(cat "$out/most")" '
        { gsub(/\\/, "\\\\"); gsub(/"/, "\\\""); gsub(/\t/, "\\t")
          text = text $0 "\\n" }
        END {
            printf "{\"lab\":%d,\"id\":\"0\",\"name\":\"build\",", lab
            printf "\"status\":\"fail\",\"points\":0,\"max\":%d,", most
            printf "\"visibility\":\"public\",\"text\":\"it builds\","
            printf "\"exit\":0,\"cycle\":0,\"seed\":\"\",\"expected\":"
            printf "\"a file that compiles and links\",\"got\":\"%s\",", text
            printf "\"rationale\":\"%s\",\"requires\":\"-\"}\n", why
        }' > "$out/results.jsonl"
    exit 0
}

tests=labs/$lab
if [ -n "$SECRET" ]; then
    tests=$(labs/variant.sh folder "$lab" \
        "$(labs/variant.sh number "$SECRET" "${STUDENT:-$name}")") || {
        row "" grader-fault "its variant could not be made"
        exit 3
    }
fi

answers=$out/answers.txt
: > "$answers"
# A folder may hold what `make handin` made.
if [ -d "$from" ] && [ ! -e "$from/lab$lab.c" ] &&
    [ -f "$from/handin-$lab.tar.gz" ]; then
    from=$from/handin-$lab.tar.gz
fi
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
    unbuilt "no file lab$lab.c"
fi
labs/build.sh "$file" "$out" "$lab" > "$out/report.txt" 2>&1
built=$?
if [ $built -gt 2 ]; then
    row "" grader-fault "$(tail -n 1 "$out/report.txt" | tr -d '"')"
    exit 3
elif [ $built -ne 0 ]; then
    unbuilt "$(grep '^labs:' "$out/report.txt" | tail -n 1 |
        tr -d '"\r\\' | tr -c '[:print:]\n' '?' | cut -c 1-150)"
fi
"$BUILD/labs/grader" --dir "$tests" --guests "$BUILD/labs/$lab/guests" \
    --child "$out/child" --answers "$answers" --hidden \
    --json "$out/results.jsonl" > "$out/report.txt" 2>&1
status=$?
rm -f "$out/child" "$out/student.o" "$out/own"
points=$(sed -n 's/^lab [0-9]*: \([0-9.]*\) of .*/\1/p' "$out/report.txt")
why=$(awk '/^(FAIL|PART)/ { getline; sub(/^ */, ""); gsub(/"/, ""); print; exit }' \
    "$out/report.txt" | cut -c 1-150)
case $status in
0) row "$points" full "" ;;
1) row "$points" lost "$why" ;;
*) row "" grader-fault "status $status: see report.txt" ;;
esac
