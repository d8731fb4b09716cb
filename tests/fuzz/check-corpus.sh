#!/bin/sh
# What the fuzzer found worth keeping, once more: code for the processor,
# files and words for the commands, lines and packets for the debugger; and
# of these some that are made of them at random. None may end the process.
: "${BUILD:=build}"
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
n=0
for target in cpu files commands packets; do
    n=$((n + 1))
    case $target in commands | packets) random=${RANDOMS:-100} ;; *) random=0 ;; esac
    set -- --random $random tests/fuzz/corpus/$target/*
    if timeout 120 "$BUILD/fuzz_$target" "$@" > "$log" 2>&1; then
        echo "ok $n - fuzz_$target: $(($# - 2)) files, $random made of them"
    else
        echo "not ok $n - fuzz_$target"
        tail -n 30 "$log" | sed 's/^/# /'
    fi
done
