#!/bin/sh
# A real gdb on a guest, by its remote protocol: forwards and backwards, on
# the native and the paravirtual kernel; and noise in place of gdb.
: "${BUILD:=build}"
if ! command -v gdb > /dev/null; then
    echo "1..0 # skip no gdb"
    exit 0
fi
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
n=0
tap() { # STATUS NAME
    n=$((n + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $n - $2"
    else
        echo "not ok $n - $2"
        tail -n 30 "$dir/out" | sed 's/^/# /'
    fi
}
# gdbs GUEST ELF TECHNIQUE: gdb's commands are standard input.
gdbs() {
    { echo 'set pagination off'; echo 'set confirm off'
      echo "file $BUILD/guests/$2"
      echo "target remote | $BUILD/ringside debug $1 --technique $3 --gdb -"
      cat; } > "$dir/commands"
    timeout 120 gdb -q -nx -batch -x "$dir/commands" > "$dir/out" 2>&1
}
says() { # NAME TEXT...
    name=$1
    shift
    for text; do
        grep -q -e "$text" "$dir/out" || { echo "# no '$text'"; tap 1 "$name"; return; }
    done
    tap 0 "$name"
}

for t in bare full emulate hybrid; do
    gdbs ring-change ring-change.elf $t <<'END'
stepi
stepi
p/x $eip
p $ring
reverse-stepi
p/x $eip
x/2xw 0x100000
break lesson
continue
reverse-continue
reverse-continue
p/x $eip
info threads
monitor books
set var $eax = 1
END
    says "$t: registers, memory, a breakpoint, and back" '= 0x10001a' '= 0$' \
        '= 0x100013' '0x1badb002' 'Breakpoint 1, .* in lesson' \
        'No more reverse-execution history' '= 0x10000c' \
        "ring-change.elf under $t" '= clock' 'cannot be changed'
done
gdbs ring-change ring-change.elf full <<'END'
continue
reverse-stepi
x/i $eip
END
says 'the guest speaks in gdb; back from its end' 'the kernel is in ring 0' \
    'out .*\$0xf4'
gdbs kernel kernel-native.debug full <<'END'
break *sys_write
continue
info registers cr3 ring
reverse-stepi
x/i $eip
delete
eval "watch *(int *) %u", $esp - 4
continue
END
says 'a kernel by its symbols' 'Breakpoint 1, .*sys_write' 'cr3  *0x' \
    'ring  *0x0 ' 'syscall.c:' '=> .*call' 'Hardware watchpoint 2' 'New value'

gdbs kernel kernel-para.debug para <<'END'
break *0xc0100000
break *kernel_main
continue
info registers eip ring
END
says 'a paravirtual kernel' 'ring  *0x1 '

# Whatever comes instead of gdb, the program ends in order.
head -c 20000 /dev/urandom > "$dir/noise"
{ printf '$?#3f$g#67$m100000,ffffffff#00$mzz#ff$Z9,1,1#00$qRcmd,zz#00'
  printf '$vCont?#49$bc#c5$Z2,fffffff0,4#00$Hgff#00$qXfer:features:read:target'
  printf '.xml:ffffffff,1#00$p99#00$s#73$s#73$bs#d5$k#6b'; cat "$dir/noise"
} > "$dir/packets"
timeout 60 "$BUILD/ringside" debug cli-sti --gdb - < "$dir/packets" \
    > "$dir/out" 2>&1
tap $? 'packets that are none'
timeout 60 "$BUILD/ringside" debug cli-sti --gdb - < "$dir/noise" \
    > "$dir/out" 2>&1
tap $? 'noise'
"$BUILD/ringside" debug cli-sti --gdb 99999 > "$dir/out" 2>&1
[ $? -eq 2 ] && grep -q '1 to 65535' "$dir/out"
tap $? 'a port that is none'
echo "1..$n"
