#!/bin/sh
# Real and virtual-8086 mode under every technique: where they are there, a
# guest cannot tell; where not, it is refused and told why. Disks that boot: the
# boot-sector lessons say what they are to say, and the firmware answers as any
# PC's does (QEMU boots the same disks).
: "${BUILD:=build}"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
n=0
tap() { # status, what
    n=$((n + 1))
    [ "$1" -eq 0 ] && echo "ok $n - $2" || echo "not ok $n - $2"
}

# ends GUEST STATUS WORDS [OPTION ...]: with the lines of standard input, and
# WORDS in what it says.
ends() {
    cat > "$dir/want"
    guest=$1 want=$2 words=$3
    shift 3
    "$BUILD/ringside" run "$guest" "$@" > "$dir/out" 2> "$dir/err"
    status=$?
    [ $status -eq "$want" ] && cmp -s "$dir/want" "$dir/out" &&
        grep -q -- "$words" "$dir/err"
    tap $? "$(basename "$guest") $*: status $status, $words"
    diff "$dir/want" "$dir/out" | sed 's/^/# /'
}

for technique in bare emulate hybrid translate hvm-shadow hvm; do
    ends boot-modes 0 success --technique $technique << 'END'
real: CR0.PE = 0000, DS 1234 has base 12340: 600D
CS is 0008, after the jump 0000
protected: at 5 MiB: CA11
END
    ends vm86 0 success --technique $technique << 'END'
CLI: the virtual IF is 0
IN: a virtual port
PUSHF: shows the virtual IF
INT 21h: the program says C
INT 21h: the program says B
STI: the virtual IF is 1
INT 20h: the program ends
END
    ends big-real 0 success --technique $technique << 'END'
64 KiB: #GP
4 GiB: 0FFE
after another load: 0FFE
END
done
for technique in full para; do
    ends boot-modes 2 'use --technique bare' --technique $technique < /dev/null
done
ends boot-modes 2 '--append' --technique bare --append x < /dev/null

# Disks of a few bytes. The signature makes a disk; the code may be anything.
sector() { # name, bytes as printf has them
    { printf "$2"; head -c 510 /dev/zero; } | head -c 510 > "$dir/$1"
    printf '\125\252' >> "$dir/$1"
}
sector ud '\017\013'
ends "$dir/ud" 3 'halted with interrupts off' --technique bare << 'END'
firmware: nobody handles interrupt 06h, at 0000:7C00; halted
END
sector key '\264\000\315\026'
ends "$dir/key" 3 'halted with interrupts off' --technique bare << 'END'
firmware: INT 16h waits for a key, and there is no keyboard
END
sector odd '\264\125\315\023\372\364'
ends "$dir/odd" 3 'halted with interrupts off' --technique bare << 'END'
firmware: INT 13h has no AX = 5500h
END
head -c 3000000 /dev/zero > "$dir/rest"
sector start '\372\364'
cat "$dir/start" "$dir/rest" > "$dir/large"
ends "$dir/large" 2 'give it more' --technique bare --memory 3 < /dev/null
ends "$dir/large" 3 'halted' --technique bare --memory 4 < /dev/null

# A virtual-8086 program. Under hybrid POPF and IRET of ring 3 keep IF although
# IOPL is 3: they run on the real processor, where it is 0.
nasm -I tests/cpu/ -f bin -o "$dir/vm86.bin" tests/cpu/vm86.asm
for technique in bare emulate hybrid translate hvm-shadow hvm; do
    "$BUILD/ringside" run "$dir/vm86.bin" --technique $technique --quiet |
        grep -v '^iret of ring 3 with VM set' > "$dir/$technique"
    [ -s "$dir/bare" ] && cmp -s "$dir/bare" "$dir/$technique"
    tap $? "virtual-8086 mode, $technique: $(wc -l < "$dir/$technique") cases"
done
ends "$dir/vm86.bin" 3 'entered virtual-8086 mode' --technique full < /dev/null

# The services, on both kinds of disk.
for kind in floppy ide; do
    lba=
    [ $kind = ide ] && lba=-DLBA
    nasm $lba -I guests/lib/ -f bin -o "$dir/$kind" tests/guest/bios.asm ||
        { tap 1 "bios.asm: assembles"; continue; }
    "$BUILD/ringside" run "$dir/$kind" --technique bare --quiet > "$dir/ours"
    tap $? "firmware, $kind disk: runs to its end"
    command -v qemu-system-i386 > "$dir/which" || {
        n=$((n + 1))
        echo "ok $n - firmware, $kind: as QEMU's # skip no qemu-system-i386"
        continue
    }
    timeout 60 qemu-system-i386 -drive "file=$dir/$kind,format=raw,if=$kind" \
        -display none -monitor none -serial null -no-reboot \
        -debugcon "file:$dir/qemu" \
        -device isa-debug-exit,iobase=0xf4,iosize=4 2> "$dir/err"
    [ -s "$dir/qemu" ] && cmp -s "$dir/qemu" "$dir/ours"
    tap $? "firmware, $kind disk: $(wc -l < "$dir/ours") answers as QEMU's"
    diff "$dir/qemu" "$dir/ours" | sed 's/^/# /'
done
echo "1..$n"
