#!/bin/sh
# Every row of the table, by tests written in assembly from the manual: the
# same image must find nothing wrong on this processor and on QEMU's, which
# so vouches for the expectations. Then: did every row run?
: "${BUILD:=build}"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
n=0
tap() { # status, what
    n=$((n + 1))
    [ "$1" -eq 0 ] && echo "ok $n - $2" || echo "not ok $n - $2"
}

on_qemu() { # image; isa-debug-exit makes status 1 of a 0 written
    if ! command -v qemu-system-i386 > "$dir/which"; then
        n=$((n + 1))
        echo "ok $n - $1 on QEMU # skip no qemu-system-i386"
        return
    fi
    timeout 60 qemu-system-i386 -kernel "$dir/$1" -display none -serial null \
        -monitor none -no-reboot -debugcon "file:$dir/out" \
        -device isa-debug-exit,iobase=0xf4,iosize=4 2> "$dir/err"
    [ $? -eq 1 ]
    tap $? "$1 on QEMU"
    sed '/^passed$/d; s/^/# /' "$dir/out"
}

for source in tests/insn/*.asm; do
    image=$(basename "$source" .asm)
    nasm -I tests/insn/ -f bin -o "$dir/$image" "$source" ||
        { tap 1 "$image: assembles"; continue; }
    for how in '' --ids; do
        timeout 60 "$BUILD/insn_run" $how "$dir/$image" > "$dir/out" \
            2>> "$dir/ran"
        tap $? "$image on our processor${how:+, watched}"
        sed '/^passed$/d; s/^/# /' "$dir/out"
    done
    on_qemu "$image"
done

sort -u "$dir/ran" > "$dir/ran.sorted"
"$BUILD/insn_run" --rows | sort > "$dir/rows"
comm -13 "$dir/ran.sorted" "$dir/rows" > "$dir/never"
[ ! -s "$dir/never" ]
tap $? "all $(wc -l < "$dir/rows") rows ran"
sed 's/^/# never ran: /' "$dir/never"
