#!/bin/sh
# Which submissions are too much alike?
#
#   labs/moss.sh LAB FOLDER
#
# MOSS=script: Stanford's submission script, which takes everything there: the
# starter is its base file. Without it sim_c (similarity-tester) compares on
# this machine, and only what the student wrote: lines of the starter go
# first. Pairs from 40 % on are listed, as questions to ask and not verdicts.
: "${BUILD:=build}"
lab=$1 from=$2
starter=$BUILD/labs/$lab/starter.c
[ -d "$from" ] || {
    echo "make LAB=$lab moss SUBMISSIONS=folder [MOSS=script]" >&2
    exit 2
}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# One file a student, named after the submission.
for s in "$from"/*; do
    name=$(basename "$s"); name=${name%.tar.gz}
    to=$work/${name%.c}.c
    if [ -d "$s" ] && [ -f "$s/lab$lab.c" ]; then
        cp "$s/lab$lab.c" "$to"
    else
        case $s in
        *.tar.gz) tar -xzOf "$s" "lab$lab.c" > "$to" 2> /dev/null ;;
        *.c) cp "$s" "$to" ;;
        esac
    fi
    [ -s "$to" ] || { rm -f "$to"; echo "no lab$lab.c in $s" >&2; }
done

if [ -n "$MOSS" ]; then
    cd "$work" && exec "$MOSS" -l c -b "$OLDPWD/$starter" ./*.c
fi
command -v sim_c > /dev/null || {
    echo "labs/moss.sh: give MOSS=script, or install similarity-tester" >&2
    exit 2
}
for f in "$work"/*.c; do
    grep -vxFf "$starter" "$f" > "$f.own"
    mv "$f.own" "$f"
done
(cd "$work" && sim_c -p -t 40 ./*.c) | sed -n 's|\./||g; /consists for/p'
