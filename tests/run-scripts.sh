#!/bin/sh
# Run the script tests (all, or those whose path holds one of the given
# words), as many at a time as there are processors (JOBS=n); show in order
# what failed, and close with "N passed, N failed, N skipped".
: "${BUILD:=build}" "${JOBS:=$(getconf _NPROCESSORS_ONLN)}"
export BUILD
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
pass=0 fail=0 skip=0

for script in tests/*/check-*.sh; do
    [ -x "$script" ] || continue
    wanted=$([ $# -gt 0 ] || echo yes)
    for word; do case $script in *"$word"*) wanted=yes ;; esac; done
    [ -z "$wanted" ] || echo "$script"
done > "$dir/scripts"
xargs -P "$JOBS" -I '{}' sh -c 'log=$2/$(echo "$1" | tr / _)
    "$1" > "$log" 2>&1 < /dev/null
    echo $? > "$log.status"' - '{}' "$dir" < "$dir/scripts"

while read -r script; do
    log=$dir/$(echo "$script" | tr / _)
    status=$(cat "$log.status")
    p=$(grep -c '^ok ' "$log") f=$(grep -c '^not ok ' "$log")
    s=$(grep -c '^ok .*# skip' "$log")
    # A script that dies, or says nothing, has failed.
    if [ $((p + f)) -eq 0 ] || { [ "$status" != 0 ] && [ "$f" -eq 0 ]; }; then
        f=$((f + 1))
        echo "not ok - $script ended with status $status" >> "$log"
    fi
    echo "$script: $((p - s)) passed, $f failed, $s skipped"
    if [ "$f" -gt 0 ]; then sed 's/^/    /' "$log"; fi
    pass=$((pass + p - s)) fail=$((fail + f)) skip=$((skip + s))
done < "$dir/scripts"
echo "$pass passed, $fail failed, $skip skipped"
[ "$fail" -eq 0 ]
