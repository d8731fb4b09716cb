#!/bin/sh
# Source lines in the debugger: C and assembly, kernel and program; who
# called; going by lines, and back; and what happens where there are none.
# Which line an address is, is asked of gdb.
: "${BUILD:=build}"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
: > "$dir/out"; : > "$dir/err"
. tests/term/guests.sh
if ! command -v gdb > /dev/null; then
    echo "ok 1 - source lines # skip no gdb"
    exit 0
fi

# session GUEST TECHNIQUE 'command;command;...'
session() {
    echo "$3" | tr ';' '\n' > "$dir/batch"
    timeout 60 "$BUILD/ringside" debug --technique "$2" "$1" \
        --batch "$dir/batch" > "$dir/out" 2> "$dir/err"
    got=$?
}
says() { # STATUS TEXT...
    [ "$got" -eq "$1" ] || { echo "# status $got"; return 1; }
    shift
    for text; do
        grep -q -e "$text" "$dir/out" || { echo "# no '$text'"; return 1; }
    done
}
# in_order TEXT...: each after the one before it.
in_order() {
    at=0
    for text; do
        next=$(tail -n +$((at + 1)) "$dir/out" | grep -n -m 1 -e "$text" |
            cut -d: -f1)
        [ "$next" ] || { echo "# no '$text' behind line $at"; return 1; }
        at=$((at + next))
    done
}
# Each stop's line is the one that gdb tells, where the program is linked
# to.
agrees() { # FILE HOW-MANY FIRST-DIGITS
    awk -v begin="^$3" '/^next: /{ a = $2 }
        a ~ begin && /^      [a-z_-]*\.[a-z]*:[0-9]*: /{ print a, $1 }' \
        "$dir/out" | sort -u > "$dir/pairs"
    [ "$(wc -l < "$dir/pairs")" -ge "$2" ] || { echo "# too few"; return 1; }
    sed 's/\(.*\) .*/info line *0x\1/' "$dir/pairs" > "$dir/ask"
    gdb -q -nx -batch -x "$dir/ask" "$BUILD/guests/$1.debug" |
        sed 's|Line \([0-9]*\) of "\(.*/\)*\([^"]*\)".*|\3:\1:|' > "$dir/gdb"
    sed 's/.* //' "$dir/pairs" | diff - "$dir/gdb" > "$dir/differs" ||
        { sed 's/^/# ours and gdb: /' "$dir/differs"; return 1; }
}
# Two numbers of the machine, and both the same.
same_twice() {
    grep -A1 ') hash' "$dir/out" | grep -o '[0-9a-f]\{16\}' > "$dir/hashes"
    [ "$(wc -l < "$dir/hashes")" -eq 2 ] &&
        [ "$(uniq "$dir/hashes" | wc -l)" -eq 1 ]
}

steps='break sys_fork;continue'
for i in 1 2 3 4 5 6 7 8; do steps="$steps;next"; done
session forkwait full "$steps"
result 'next: the lines are those of gdb' agrees kernel-native 5 c0
session ring-change bare 'step;step;step;step;step;step'
result 'a lesson: so are those of assembly' agrees ring-change 6 0

for t in full para hybrid translate hvm; do
    session forkwait $t 'break sys_write;continue;where;list'
    result "$t: from the kernel through the system call to the program" \
        in_order ' #0 .* sys_write at syscall\.c:' ' syscall.* at syscall\.c:' \
        ' at trap\.asm:' 'from ring 3' ' forkwait.* at work\.c:' \
        ' main.* at work\.c:' 'guests/kernel/syscall.c' '^->b '
done

session forkwait full 'break work.c:49;continue;next;rnext;regs'
result 'a line of a program: there, on, and back' in_order '^  1  0040' \
    'breakpoint 1' '      work.c:49:' '      work.c:' '      work.c:49:' \
    '  ring    00000003'
session forkwait full 'break process_fork;continue;hash;next;next;rnext;rnext;hash'
result 'as many lines back as on: the same machine' same_twice
session forkwait full 'run line if ring=3;list start.asm:7 3;disas main 2'
result 'run line, list FILE:LINE, lines in a disassembly' says 0 \
    '      start.asm:7:' 'start:  jmp' '      work.c:[0-9]*:'

session forkwait full 'list nosuch.c:3;break syscall.c:99999;list 0xe0000000'
result 'no such file, line or code: said, and why' says 2 \
    'no code of nosuch.c' 'no code of syscall.c at that line' \
    "no source line is known of e0000000; 'disas'"
guest small '        mov eax, 1
        call inner
        nop
inner:  inc eax
        ret'
session "$dir/small.elf" full 'break inner;continue;list;next;where;break a.c:1'
result 'a guest without lines: instructions, and it is said' says 2 \
    'built without lines' 'one instruction' '^?#1 ' 'are guesses' \
    'has no source lines'
session big-real bare 'step;list;where;rnext;run line'
result 'nor has real mode' says 2 'no source line is known of f000:' \
    'in protected mode alone' 'one instruction' 'f000:fff0' \
    'has no source lines'
cp "$BUILD/guests/ring-change.elf" "$dir/moved.elf"
sed 's|guests/lessons|gone!!/lessons|g; s|guests/lib|gone!!/lib|g' \
    "$BUILD/guests/ring-change.debug" > "$dir/moved.debug"
session "$dir/moved.elf" full 'step;list'
result 'sources that are gone: the line without its text' says 2 \
    ':[0-9]*: .* is not found here' 'the source file .* is not found'
# Damaged lines end nothing: bytes of the file changed at random places.
damaged() {
    cp "$BUILD/guests/ring-change.elf" "$dir/bad.elf"
    for seed in 1 2 3 4 5 6 7 8; do
        cp "$BUILD/guests/ring-change.debug" "$dir/bad.debug"
        awk -v seed=$seed -v n="$(wc -c < "$dir/bad.debug")" 'BEGIN {
            srand(seed); for (i = 0; i < 40; i++)
            print int(600 + rand() * (n - 600)), int(rand() * 256) }' |
            while read -r at byte; do
                printf "\\$(printf %o "$byte")" | dd of="$dir/bad.debug" bs=1 \
                    seek="$at" conv=notrunc 2> /dev/null
            done
        session "$dir/bad.elf" full 'step 3;list;where;next;disas'
        case $got in 0 | 2) ;; *) echo "# seed $seed: $got"; return 1 ;; esac
    done
}
result 'damaged debug information: no harm' damaged

# What runs is the same wherever it was built, and has no lines in it.
result 'no guest has the name of a folder of this machine in it' sh -c \
    "! grep -l -a -F '$PWD' $BUILD/guests/*.elf"
echo "1..$n"
