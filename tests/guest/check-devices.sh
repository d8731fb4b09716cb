#!/bin/sh
# The chips against QEMU's: the same port sequences, the same answers.
: "${BUILD:=build}"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
if ! command -v qemu-system-i386 > "$dir/which"; then
    echo "ok 1 - chips answer as QEMU's # skip no qemu-system-i386"
    exit 0
fi
nasm -f elf32 -o "$dir/devices.o" tests/guest/devices.asm &&
    ld -m elf_i386 -Ttext 0x100000 -o "$dir/devices.elf" "$dir/devices.o" ||
    { echo "not ok 1 - the guest builds"; exit 1; }

timeout 60 qemu-system-i386 -kernel "$dir/devices.elf" -display none \
    -serial null -monitor none -debugcon "file:$dir/qemu" \
    -device isa-debug-exit,iobase=0xf4,iosize=4 2> "$dir/qemu.err"
timeout 60 "$BUILD/ringside" run --quiet --technique bare \
    "$dir/devices.elf" > "$dir/ours" 2> "$dir/ours.err"
n=0
# Section by section, so that a failure names its chip.
for part in 8259 8254 16550 MC146818 8042 debug; do
    n=$((n + 1))
    for who in qemu ours; do
        awk -v part="$part" '/: |^debug/ { on = index($0, part) == 1 }
                             on' "$dir/$who" > "$dir/$who.part"
    done
    if [ -s "$dir/ours.part" ] && cmp -s "$dir/qemu.part" "$dir/ours.part"; then
        echo "ok $n - $part answers as QEMU's"
    else
        echo "not ok $n - $part answers as QEMU's (< QEMU, > ours)"
        diff "$dir/qemu.part" "$dir/ours.part" | sed 's/^/# /'
        sed 's/^/# /' "$dir/ours.err"
    fi
done
