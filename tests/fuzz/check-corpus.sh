#!/bin/sh
# What the fuzzer found worth keeping, once more: code for the processor,
# files and words for the commands. None may end the process.
: "${BUILD:=build}"
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
n=0
for target in cpu files; do
    n=$((n + 1))
    set -- tests/fuzz/corpus/$target/*
    if timeout 120 "$BUILD/fuzz_$target" "$@" > "$log" 2>&1; then
        echo "ok $n - fuzz_$target: $# files"
    else
        echo "not ok $n - fuzz_$target: $# files"
        tail -n 30 "$log" | sed 's/^/# /'
    fi
done
