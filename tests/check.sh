#!/bin/sh
# All tests: the Criterion program, then the scripts; one closing line for
# both. Run by `make check`.
: "${BUILD:=build}"
export BUILD
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
bad=0
"$BUILD/unit" > "$log" 2>&1 || bad=1
grep -v '^$' "$log" | grep -vE '^\[(PASS|RUN )' | tail -n 60
line=$(grep 'Synthesis:' "$log" | tail -n 1 | sed 's/\x1b\[[0-9;]*m//g')
number() { echo "$line" | sed -n "s/.*$1: \([0-9]*\).*/\1/p"; }
passed=$(number Passing) failing=$(number Failing) crashing=$(number Crashing)
if [ -z "$passed" ]; then passed=0 failing=1; fi
tests/run-scripts.sh > "$log" || bad=1
sed '$d' "$log"
set -- $(tail -n 1 "$log" | tr -cd '0-9 ')
passed=$((passed + ${1:-0}))
failed=$((${failing:-0} + ${crashing:-0} + ${2:-1}))
echo "$passed passed, $failed failed, ${3:-0} skipped"
[ "$failed" -eq 0 ] && [ "$bad" -eq 0 ]
