#!/bin/sh
# What a course's own site runs: a lab's grader, packed with all it needs.
#
#   labs/autograder.sh gradescope LAB OUT.zip    then upload it, Ubuntu 22.04
#   labs/autograder.sh autolab LAB OUT.tar       and OUT.tar's Makefile beside
#
# Both hold this tree as it is now, reference and hidden tests included, so
# neither is for students. SECRET=text grades each student's own variant.
what=$1 lab=$2 out=$3
usage() {
    echo "labs/autograder.sh: $1" >&2
    echo "usage: make LAB=N gradescope|autolab [OUT=file] [SECRET=text]" >&2
    exit 2
}
[ -f "labs/$lab/lab.txt" ] || usage "there is no lab $lab"
[ -n "$out" ] || usage "where to?"
git rev-parse --git-dir > /dev/null 2>&1 ||
    usage "this is no git checkout: what belongs to the tree is not known"

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/ringside"
git ls-files -z --cached --others --exclude-standard |
    xargs -0 tar -cf - | tar -xf - -C "$tmp/ringside" || exit 1
{
    echo "LAB=$lab"
    printf "SECRET='%s'\n" "$(printf %s "$SECRET" | tr -d "'")"
} > "$tmp/ringside/labs/autograder/this"

case $what in
gradescope)
    command -v zip > /dev/null || usage "zip is not installed (make deps)"
    cp -p labs/autograder/setup.sh labs/autograder/run_autograder "$tmp/"
    (cd "$tmp" && zip -qr new.zip setup.sh run_autograder ringside) || exit 1
    mv "$tmp/new.zip" "$out" || exit 1
    echo "$out: Assignment settings, Configure Autograder, Zip file upload"
    ;;
autolab)
    tar -cf "$tmp/new.tar" -C "$tmp" ringside || exit 1
    mv "$tmp/new.tar" "$out" || exit 1
    cp labs/autograder/autograde-Makefile "$out.Makefile" || exit 1
    echo "$out, and $out.Makefile: Autolab's autograde.tar, autograde-Makefile"
    ;;
*) usage "$what: gradescope or autolab" ;;
esac
