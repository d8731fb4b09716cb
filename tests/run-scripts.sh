#!/bin/sh
# Run the script tests (all, or those whose path holds one of the given
# words), show what failed, and close with "N passed, N failed, N skipped".
: "${BUILD:=build}"
export BUILD
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
pass=0 fail=0 skip=0
for script in tests/*/check-*.sh; do
    [ -x "$script" ] || continue
    if [ $# -gt 0 ]; then
        wanted=
        for word; do case $script in *"$word"*) wanted=1 ;; esac; done
        [ "$wanted" ] || continue
    fi
    "$script" > "$log" 2>&1
    status=$?
    p=$(grep -c '^ok ' "$log") f=$(grep -c '^not ok ' "$log")
    s=$(grep -c '^ok .*# skip' "$log")
    # A script that dies, or says nothing, has failed.
    if [ $((p + f)) -eq 0 ] || { [ $status -ne 0 ] && [ "$f" -eq 0 ]; }; then
        f=$((f + 1))
        echo "not ok - $script ended with status $status" >> "$log"
    fi
    echo "$script: $((p - s)) passed, $f failed, $s skipped"
    if [ "$f" -gt 0 ]; then sed 's/^/    /' "$log"; fi
    pass=$((pass + p - s)) fail=$((fail + f)) skip=$((skip + s))
done
echo "$pass passed, $fail failed, $skip skipped"
[ "$fail" -eq 0 ]
