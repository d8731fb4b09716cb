#!/bin/sh
# Our unprivileged instructions against other processors: random cases of
# every row of insn.def that can be compared. What is masked and why:
# compare.c.
#
# 1. The host's own processor, where it is an x86 that runs 32-bit programs:
#    HOST_CASES cases (300,000, unless set).
# 2. The Unicorn library, where it is installed: a twentieth of them, and a
#    quarter where there is no such host.
: "${BUILD:=build}" "${CC:=cc}" "${HOST_CASES:=300000}"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

# An oracle that answers is one that can try a single case, right or wrong.
works() {
    [ -x "$1" ] || return 1
    "$BUILD/host_compare" "$1" 1 > "$dir/log" 2>&1
    [ $? -ne 2 ]
}
compare() { # number, what, oracle, cases, option
    if "$BUILD/host_compare" "$3" "$4" 1 $5 > "$dir/log"; then
        echo "ok $1 - $4 random cases agree with $2"
    else
        echo "not ok $1 - $4 random cases agree with $2"
    fi
    cat "$dir/log"
}

$CC -m32 -nostdlib -static -ffreestanding -fno-pie -no-pie \
    -fno-stack-protector -fcf-protection=none -mno-sse -O2 -w \
    -o "$dir/native" tests/host/native.c 2> "$dir/log"
if works "$dir/native"; then
    compare 1 "the host's processor" "$dir/native" "$HOST_CASES"
    share=20
else
    echo "ok 1 - the host's processor # skip no 32-bit x86 programs run here"
    share=4
fi

$CC -O2 -w -o "$dir/unicorn" tests/host/unicorn.c -lunicorn 2> "$dir/log"
if works "$dir/unicorn"; then
    compare 2 Unicorn "$dir/unicorn" $((HOST_CASES / share)) --translator
else
    echo "ok 2 - Unicorn # skip its library (libunicorn-dev) is missing"
fi
