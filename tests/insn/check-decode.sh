#!/bin/sh
# The decoder and the disassembler against ndisasm (length and text) and
# objdump (length): every opcode with every ModRM byte under nine sets of
# prefixes, and 100,000 random byte strings, as 16-bit and as 32-bit code.
# What differs and why is listed in decode_known.c, and counted here.
: "${BUILD:=build}"
compare=$BUILD/decode_compare
n=0
tap() { # status, what
    n=$((n + 1))
    [ "$1" -eq 0 ] && echo "ok $n - $2" || echo "not ok $n - $2"
}
for tool in ndisasm objdump; do
    command -v $tool > /dev/null && continue
    echo "ok 1 - decoder against other disassemblers # skip $tool is missing"
    exit 0
done
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
for bits in 32 16; do
    machine=i386
    [ $bits = 16 ] && machine=i8086
    for set in forms random; do
        "$compare" $set $bits "$dir/bytes" || exit 1
        ndisasm -b$bits "$dir/bytes" |
            "$compare" text $bits "$dir/bytes" > "$dir/log"
        tap $? "$set, $bits-bit: length and text as ndisasm's"
        head -n 40 "$dir/log"
        objdump -D -w -b binary -m $machine -M intel --insn-width=16 \
            "$dir/bytes" |
            "$compare" length $bits "$dir/bytes" > "$dir/log"
        tap $? "$set, $bits-bit: length as objdump's"
        head -n 40 "$dir/log"
    done
done
