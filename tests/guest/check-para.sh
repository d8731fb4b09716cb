#!/bin/sh
# The para technique with real guests: one that attacks by instructions, the
# lesson, and the kernel, whose output must be the native kernel's.
: "${BUILD:=build}"
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

check() { # status, text
    if [ "$1" -eq 0 ]; then echo "ok - $2"; else echo "not ok - $2"; fi
}

# The attacker prints a TAP line a case.
nasm -f elf32 -o "$work/hostile.o" tests/guest/para-hostile.asm &&
    ld -m elf_i386 -Ttext=0x100000 -o "$work/hostile.elf" "$work/hostile.o"
check $? "the attacker assembles"
"$BUILD/ringside" run --quiet --technique para "$work/hostile.elf"
check $? "the attacker ends by itself"
"$BUILD/ringside" run --technique para --append die "$work/hostile.elf" \
    2> "$work/why"
[ $? -eq 3 ] && grep -q "stack" "$work/why"
check $? "a kernel without a stack is stopped, with the reason"

para=$BUILD/guests/kernel-para.elf
native=$BUILD/guests/kernel-native.elf
"$BUILD/ringside" run --quiet --technique para "$para" > "$work/para"
check $? "the para kernel finishes its workloads"
"$BUILD/ringside" run --quiet --technique bare "$native" > "$work/bare"
cmp "$work/para" "$work/bare"
check $? "its output is the native kernel's"

"$BUILD/ringside" run --technique para --detect "$para" 2>&1 > "$work/out" |
    grep -q '^silent:'
[ $? -eq 1 ] && cmp "$work/out" "$work/bare"
check $? "no instruction of the para kernel's lies to it"

# A system call goes from ring 3 to ring 1 through the real IDT.
exits() {
    "$BUILD/ringside" run --json --quiet --technique para \
        --append "workload=nullcall n=$1" "$para" 2> /dev/null |
        sed -n 's/.*"exits":[^0-9]*\([0-9]*\).*/\1/p'
}
few=$(exits 10) many=$(exits 1000)
[ -n "$few" ] && [ $((many - few)) -lt 10 ]
check $? "990 more system calls make no more exits: $few, $many"

"$BUILD/ringside" run --technique para "$native" 2> "$work/why" > /dev/null
[ $? -eq 2 ] && grep -q "no Xen notes" "$work/why"
check $? "a kernel that is not paravirtual is refused, with the reason"
"$BUILD/ringside" run --technique para --memory 1 "$para" 2> "$work/why" \
    > /dev/null
[ $? -eq 2 ] && grep -q "memory" "$work/why"
check $? "too little memory to start is refused, with the reason"

"$BUILD/ringside" run --quiet --technique para --trace "$work/1.jsonl" \
    "$para" > /dev/null &&
    "$BUILD/ringside" run --quiet --technique para --trace "$work/2.jsonl" \
        "$para" > /dev/null && cmp "$work/1.jsonl" "$work/2.jsonl"
check $? "two runs make the same trace"

# docs/PARAVIRT.md has a row for each hypercall, and -ENOSYS where we lack it.
sed -n 's/^HYPERCALL(\([0-9]*\), \([a-z0-9_]*\), \([a-z_]*\),.*/\1 \2 \3/p' \
    vmm/techniques/para/hypercalls.def > "$work/rows"
wrong=0
while read -r number name function; do
    row=$(grep "^| $number | $name | " docs/PARAVIRT.md) || wrong=1
    case "$function $row" in
    "missing "*"| -ENOSYS |") ;;
    "missing "* | *"| -ENOSYS |") wrong=1; echo "# $number $name" ;;
    esac
done < "$work/rows"
[ "$(wc -l < "$work/rows")" -gt 40 ] && [ $wrong -eq 0 ]
check $? "docs/PARAVIRT.md says what each hypercall does"
