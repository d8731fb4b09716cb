#!/bin/sh
# The guests on another PC: what they say on QEMU is what they say on our
# bare machine, and they end with the same status. So neither the guests nor
# the machine rest on our own opinion of what a PC is.
qemu=$(command -v qemu-system-i386)
: "${BUILD:=build}"
n=0
if [ -z "$qemu" ]; then
    echo "ok 1 - guests on QEMU # skip qemu-system-i386 is not installed"
    exit 0
fi
ours=$(mktemp) theirs=$(mktemp) || exit 1
trap 'rm -f "$ours" "$theirs"' EXIT

# report NAME PASSED: one TAP line.
report() {
    n=$((n + 1))
    if [ "$2" = yes ]; then echo "ok $n - $1"; return; fi
    echo "not ok $n - $1"
    diff "$ours" "$theirs" | head -n 10 | sed 's/^/# /'
}

# compare NAME CHANNEL ELF RINGSIDE-ARGUMENT [COMMAND LINE]
# CHANNEL is where the guest talks: serial or debugcon.
compare() {
    timeout 60 "$qemu" -kernel "$3" -append "$5" -"$2" stdio -display none \
        -device isa-debug-exit,iobase=0xf4,iosize=4 -m 16 -no-reboot \
        -monitor none > "$theirs" 2> /dev/null
    status=$?
    "$BUILD/ringside" run "$4" --technique bare --quiet > "$ours" 2>/dev/null
    mine=$?
    # QEMU ends with 2 v + 1 where the guest wrote v; with 0 on a reset.
    case $status in
    0) expect=3 ;;
    1) expect=0 ;;
    *) expect=1 ;;
    esac
    same=no
    [ $mine -eq $expect ] && cmp -s "$ours" "$theirs" && same=yes
    report "$1: same output and status ($mine) as on QEMU ($status)" $same
}

for lesson in cli-sti popf-lies sgdt-tells page-fault in-out ring-change \
    invalid-opcode triple-fault rdtsc vm86; do
    compare "$lesson" debugcon "$BUILD/guests/$lesson.elf" "$lesson" ''
done
for nano in guests/nano/*.asm; do
    nano=nano-$(basename "$nano" .asm)
    compare "$nano" debugcon "$BUILD/guests/$nano.elf" "$nano" ''
done
for workload in $(sed -n 's/^WORKLOAD(\([a-z0-9]*\),.*/\1/p' \
    guests/kernel/workloads.def guests/kernel/measures.def); do
    compare "$workload" serial "$BUILD/guests/kernel-native.elf" \
        "$workload" "workload=$workload"
done
compare "kernel, all of it" serial "$BUILD/guests/kernel-native.elf" kernel ''
