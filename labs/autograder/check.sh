#!/bin/sh
# The zip that Gradescope takes: unpacked as its documentation says, run for
# submissions of each kind, and its results.json held against the published
# fields. The same for Autolab. (setup.sh installs packages, and is not run.)
: "${BUILD:=build}" "${MAKE:=make}"
for tool in zip unzip jq; do
    command -v $tool > /dev/null || { echo "1..0 # SKIP no $tool"; exit 0; }
done
git rev-parse --git-dir > /dev/null 2>&1 ||
    { echo "1..0 # SKIP no git checkout"; exit 0; }
n=0 bad=0
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
ok() { n=$((n + 1)); echo "ok $n - $1"; }
not_ok() { n=$((n + 1)); bad=1; echo "not ok $n - $1"; }
check() { if eval "$2"; then ok "$1"; else not_ok "$1"; fi; }

# What is built already serves the packed tree: the sources are the same.
export BUILD
$MAKE -s LAB= labs-tools lab-1-guests "$BUILD/labs/1/solution.c" \
    "$BUILD/labs/1/starter.c" > /dev/null || exit 1
built=$(cd "$BUILD" && pwd)
labs/autograder.sh gradescope 1 "$tmp/g.zip" > /dev/null
export AUTOGRADER=$tmp/autograder
mkdir -p "$AUTOGRADER/source" "$AUTOGRADER/results"
unzip -q "$tmp/g.zip" -d "$AUTOGRADER/source"
ln -s "$built" "$AUTOGRADER/source/ringside/$BUILD"
check "the zip has setup.sh and run_autograder at its top, to be run" \
    '[ -x "$AUTOGRADER/source/setup.sh" ] &&
     [ -x "$AUTOGRADER/source/run_autograder" ]'

submit() { # FILE...
    rm -rf "$AUTOGRADER/submission" "$AUTOGRADER/results/results.json"
    mkdir "$AUTOGRADER/submission"
    [ $# -eq 0 ] || cp "$@" "$AUTOGRADER/submission/"
    "$AUTOGRADER/source/run_autograder" > "$tmp/log" 2>&1
}
field() { jq -r "$1" "$AUTOGRADER/results/results.json"; }
fits() {
    jq -r -f labs/autograder/gradescope.jq "$AUTOGRADER/results/results.json" \
        > "$tmp/wrong" && [ ! -s "$tmp/wrong" ] && return
    sed 's/^/# /' "$tmp/wrong"
    return 1
}

mkdir "$tmp/right"
cp "$BUILD/labs/1/solution.c" "$tmp/right/lab1.c"
cp labs/1/reference/answers.txt "$tmp/right/"
submit "$tmp"/right/*
check "the reference's results.json keeps to the published fields" fits
check "it has all points" '[ "$(field .score)" = 100 ]'
check "hidden tests are not visible at once" \
    'field ".tests[] | select(.visibility != \"visible\") | .name" |
     grep -q hidden'
tar -czf "$tmp/handin-1.tar.gz" -C "$tmp/right" lab1.c answers.txt
submit "$tmp/handin-1.tar.gz"
check "what make handin made is taken, too" '[ "$(field .score)" = 100 ]'

cp "$BUILD/labs/1/starter.c" "$tmp/lab1.c"
submit "$tmp/lab1.c"
check "the starter has no points" '[ "$(field .score)" = 0 ] && fits'
printf 'int main(void) { return "\t\\\\" 1; }\n' > "$tmp/lab1.c"
submit "$tmp/lab1.c"
check "what does not compile has none, and the compiler's words" \
    '[ "$(field .score)" = 0 ] && fits && field ".tests[].output" |
     grep -q "error:"'
submit
check "nothing handed in: said so" \
    '[ "$(field .score)" = 0 ] && field ".tests[].output" | grep -q "no file"'

labs/autograder.sh autolab 1 "$tmp/a.tar" > /dev/null
mkdir "$tmp/autolab"
cp "$tmp/a.tar" "$tmp/autolab/autograde.tar"
cp "$tmp/a.tar.Makefile" "$tmp/autolab/Makefile"
cp "$tmp/handin-1.tar.gz" "$tmp/autolab/handin.tar.gz"
mkdir "$tmp/autolab/ringside"
ln -s "$built" "$tmp/autolab/ringside/$BUILD"
(cd "$tmp/autolab" && $MAKE -s) > "$tmp/log" 2>&1
check "Autolab's last line holds the scores" \
    '[ "$(tail -n 1 "$tmp/log" | jq .scores.lab1)" = 100 ]'
check "the line before it the stages and tests" \
    'tail -n 2 "$tmp/log" | head -n 1 |
     jq -e ".stages and .Tests.\"1.1\".passed" > /dev/null'
echo "1..$n"
exit $bad
