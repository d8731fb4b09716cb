#!/bin/sh
# Our unprivileged instructions against the host's own processor, where it is
# an x86 that runs 32-bit programs: HOST_CASES random cases (a million, unless
# set) of every row of insn.def that can be compared. What is masked and why:
# compare.c. Elsewhere Unicorn, if its library is installed, stands in.
: "${BUILD:=build}" "${CC:=cc}" "${HOST_CASES:=1000000}"
here=tests/host
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

# An oracle that answers is one that can try a single case, right or wrong.
works() {
    "$BUILD/host_compare" "$1" 1 > "$dir/log" 2>&1
    [ $? -ne 2 ]
}

$CC -m32 -nostdlib -static -ffreestanding -fno-pie -no-pie \
    -fno-stack-protector -fcf-protection=none -mno-sse -O2 -w \
    -o "$dir/native" $here/native.c 2> "$dir/log"
if [ -x "$dir/native" ] && works "$dir/native"; then
    oracle=$dir/native what="the host's processor"
else
    $CC -O2 -w -o "$dir/unicorn" $here/unicorn.c -lunicorn 2>> "$dir/log"
    if [ -x "$dir/unicorn" ] && works "$dir/unicorn"; then
        oracle=$dir/unicorn what="Unicorn" HOST_CASES=$((HOST_CASES / 10))
    else
        echo "ok 1 - instructions against a processor # skip no 32-bit" \
            "programs run here, and libunicorn is not installed"
        exit 0
    fi
fi
if "$BUILD/host_compare" "$oracle" "$HOST_CASES" > "$dir/log"; then
    echo "ok 1 - $HOST_CASES random cases agree with $what"
else
    echo "not ok 1 - $HOST_CASES random cases agree with $what"
fi
cat "$dir/log"
