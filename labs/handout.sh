#!/bin/sh
# The tree that a student gets: made anew from an allow-list, so that nothing
# is in it that was not put there by name.
#
#   labs/handout.sh LAB FOLDER [SEED-NUMBER]      REF=object (default), source
#
# Its monitor lacks the lab's own files. Other labs' files are objects, for
# this machine's kind, or with REF=source their sources. A number makes a
# variant: other public seeds (labs/variant.sh).
: "${BUILD:=build}" "${REF:=object}"
lab=$1 to=$2 variant=$3
[ -d "labs/$lab" ] && [ -n "$to" ] || {
    echo "usage: labs/handout.sh LAB FOLDER [NUMBER]: there is no labs/$lab" >&2
    exit 2
}
[ ! -e "$to" ] || [ -z "$(ls -A "$to")" ] || {
    echo "labs/handout.sh: $to is not empty: give a new folder" >&2
    exit 2
}
mkdir -p "$to/labs/$lab" || exit 2

files_of() { sed -n 's/^files //p' "labs/$1/lab.txt"; }
copy() { mkdir -p "$to/$(dirname "$1")" && cp -p "$1" "$to/$1"; }

# The house, without tests; then what is any lab's secret goes again.
git ls-files Makefile LICENSE .gitignore cpu devices vmm debugger guests bench/published.def \
    docs/STUDENTS.md docs/READING.md docs/TRANSLATION.md docs/ringside.1 tests/deps.sh |
    while read -r f; do copy "$f" || exit 2; done || exit 2
machine=$(uname -s)-$(uname -m)
for dir in labs/*/lab.txt; do
    other=$(basename "$(dirname "$dir")")
    for f in $(files_of "$other"); do
        if [ "$other" != "$lab" ] && [ "$REF" = source ]; then
            case " $(files_of "$lab") " in *" $f "*) ;; *) continue ;; esac
        fi
        rm -f "$to/$f"
        case " $(files_of "$lab") " in *" $f "*) continue ;; esac
        object=labs/ref/$machine/$(echo "${f%.c}" | tr / -).o
        mkdir -p "$to/$(dirname "$object")"
        cp "$BUILD/${f%.c}.o" "$to/$object" || exit 2
    done
done
for f in labs/labs.mk labs/lab.h labs/todo.c labs/lib.inc labs/guests.awk \
    labs/build.sh labs/student.sh labs/formats.sh \
    $(git ls-files --cached --others --exclude-standard labs/grade); do
    copy "$f" || exit 2
done
for f in lab.txt handout.md hints.txt questions.txt tests.txt budgets.txt \
    figure.svg; do
    [ -f "labs/$lab/$f" ] && cp "labs/$lab/$f" "$to/labs/$lab/"
done
cp -r "labs/$lab/guests" "$to/labs/$lab/"
[ -d "labs/$lab/include" ] && cp -r "labs/$lab/include" "$to/labs/$lab/"
if [ -n "$variant" ]; then
    labs/variant.sh "$lab" "$variant" "$to/labs/$lab" || exit 2
fi
# Hidden tests, their seeds and their guests' budgets stay.
sed -i.bak '/^[0-9.]* *[^ ]* *[0-9]* hidden /d' "$to/labs/$lab/tests.txt"
awk -v tests="$to/labs/$lab/tests.txt" '
    BEGIN {
        while ((getline line < tests) > 0) {
            split(line, w, /[ \t]+/)
            n = split(w[6], seed, ",")
            for (i = 1; i <= n; i++) keep[w[5] " " seed[i]] = 1
        }
    }
    /^#/ || ($1 " " $2) in keep' "$to/labs/$lab/budgets.txt" \
    > "$to/budgets.tmp" && mv "$to/budgets.tmp" "$to/labs/$lab/budgets.txt"
rm -f "$to/labs/$lab/tests.txt.bak"
for g in "$to/labs/$lab/guests/"*; do
    name=$(basename "${g%.*}")
    grep -qs " $name " "$to/labs/$lab/tests.txt" \
        "$to/labs/$lab/questions.txt" || rm "$g"
done
if [ -n "$(files_of "$lab")" ]; then
    awk -v lab="$lab" -v want=stub -f labs/strip.awk $(files_of "$lab") \
        > "$to/labs/$lab/starter.c" || exit 2
fi
echo "$lab" > "$to/labs/this"
labs/leak.sh "$lab" "$to"
