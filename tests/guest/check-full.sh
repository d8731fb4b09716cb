#!/bin/sh
# An unmodified guest under `full` is on a machine of its own: images that
# QEMU and the bare machine agree on print the same lines there. They are
# full-*.asm, made of what is hard for a monitor, and all the images that
# hold the processor itself: exceptions, paging, every instruction.
: "${BUILD:=build}"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
n=0
tap() { # status, what
    n=$((n + 1))
    [ "$1" -eq 0 ] && echo "ok $n - $2" || echo "not ok $n - $2"
}
run() { # image, technique
    timeout 120 "$BUILD/ringside" run "$dir/$1.image" --technique "$2" --quiet \
        --limit 20000000000 > "$dir/$2" 2> "$dir/$2.err"
}
differ() { # file, file
    diff "$1" "$2" | sed 's/^/# /' | head -n 20
}

against_qemu() { # image
    if ! command -v qemu-system-i386 > "$dir/which"; then
        n=$((n + 1))
        echo "ok $n - $1: as on QEMU # skip no qemu-system-i386"
        return
    fi
    timeout 60 qemu-system-i386 -cpu pentium3 -kernel "$dir/$1.image" -m 16 \
        -display none -serial null -monitor none -no-reboot \
        -debugcon "file:$dir/qemu" \
        -device isa-debug-exit,iobase=0xf4,iosize=4 2> "$dir/qemu.err"
    for who in qemu bare; do
        grep -v -F '(not on QEMU)' "$dir/$who" > "$dir/$who.same"
    done
    [ -s "$dir/bare.same" ] && cmp -s "$dir/bare.same" "$dir/qemu.same"
    tap $? "$1: the bare machine is right, $(wc -l < "$dir/bare.same") lines as on QEMU"
    differ "$dir/qemu.same" "$dir/bare.same"
}

for source in tests/guest/full-*.asm tests/cpu/*.asm \
    tests/insn/*.asm; do
    image=$(basename "$source" .asm)
    case $image in
    bochs-rom) continue ;; # no image, but what starts them there
    *pae) continue ;;      # full offers none: test_full_exits.c
    align | vm86 | vme | real) continue ;; # nor these modes: check-modes.sh
    esac
    nasm -I tests/cpu/ -I "$(dirname "$source")/" -f bin \
        -o "$dir/$image.image" "$source" ||
        { tap 1 "$image: assembles"; continue; }
    run "$image" bare
    case $image in
    full-*) against_qemu "$image" ;;
    esac
    run "$image" full && [ -s "$dir/full" ] && cmp -s "$dir/bare" "$dir/full"
    tap $? "$image: $(wc -l < "$dir/full") lines under full as on the bare machine"
    differ "$dir/bare" "$dir/full"
done

# Did they lead where they are meant to?
for image in full-paging full-machine; do
    "$BUILD/ringside" stat "$dir/$image.image" --technique full
done > "$dir/stat" 2> "$dir/stat.err"
for reason in pt-write shadow-fill guest-pf limit window table cr cr3 invlpg \
    tsc msr debugreg far iret int exception interrupt hlt segment flags io; do
    grep -q "^$reason " "$dir/stat"
    tap $? "exits of the reason $reason"
done
