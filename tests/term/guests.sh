# guests.sh - small guests for the tests of the command line; sourced.
#
#   guest NAME 'instructions'    assembles $dir/NAME.elf, a multiboot guest
#   $TAKE_UD                     instructions: #UD goes to `handler`

TAKE_UD='
        lgdt [gdtr]
        jmp 8:.here
.here:  mov eax, handler
        mov [idt + 6 * 8], ax
        mov word [idt + 6 * 8 + 2], 8
        mov word [idt + 6 * 8 + 4], 0x8e00
        shr eax, 16
        mov [idt + 6 * 8 + 6], ax
        lidt [idtr]'

guest() {
    cat > "$dir/$1.asm" <<GUEST
        bits 32
        section .text
        align 4
        dd 0x1badb002, 0, -0x1badb002
        global _start
_start: mov esp, stack
$2
        section .data
        align 8
gdt:    dq 0, 0x00cf9a000000ffff, 0x00cf92000000ffff
gdtr:   dw 23
        dd gdt
idt:    times 32 dq 0
idtr:   dw 255
        dd idt
        section .bss
        resb 4096
stack:
GUEST
    nasm -f elf32 -o "$dir/$1.o" "$dir/$1.asm" &&
        ld -m elf_i386 -Ttext 0x100000 -o "$dir/$1.elf" "$dir/$1.o"
}

n=0
# result WHAT COMMAND...: one TAP line for whether the command succeeds.
result() {
    n=$((n + 1))
    what=$1
    shift
    if "$@"; then
        echo "ok $n - $what"
    else
        echo "not ok $n - $what"
        sed 's/^/# /' "$dir/out" "$dir/err" | head -n 20
    fi
}

# Run ringside with its streams in $dir/out and $dir/err; its status in $got.
ringside() {
    timeout 120 "$BUILD/ringside" "$@" > "$dir/out" 2> "$dir/err" < /dev/null
    got=$?
}

# ends STATUS TEXT WHAT ARGUMENT...: ringside ends with STATUS and says TEXT
# (a basic regular expression) somewhere.
ends() {
    want=$1 text=$2 title=$3
    shift 3
    ringside "$@"
    result "$title" said "$want" "$text"
}
said() {
    [ "$got" -eq "$1" ] && cat "$dir/out" "$dir/err" | grep -q -e "$2" ||
        { echo "# status $got, not $1, or no '$2'"; return 1; }
}
