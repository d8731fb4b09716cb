#!/bin/sh
# The lessons: what each says under every technique and processor kind, and
# how each ends. What they must say follows from the manual: on classic,
# deprivileged, POPF keeps IF, SGDT gives the real register and MOV from CS
# the real ring (SDM 2B POPF, SGDT; 3A 5.5). Everywhere else a lesson must
# not be able to tell. The misbehaving ones must end by themselves or at the
# limit, and say why.
: "${BUILD:=build}"
n=0
out=$(mktemp) err=$(mktemp) want=$(mktemp) || exit 1
trap 'rm -f "$out" "$err" "$want"' EXIT

# ends NAME STATUS MACHINE [REASON]: with the lines of standard input.
# MACHINE is ringside's options; REASON is looked for in what it says.
ends() {
    cat > "$want"
    n=$((n + 1))
    # shellcheck disable=SC2086
    "$BUILD/ringside" run "$1" $3 > "$out" 2> "$err"
    status=$?
    if [ $status -eq "$2" ] && cmp -s "$want" "$out" &&
        grep -q -- "${4:-the guest said success}" "$err"; then
        echo "ok $n - $1 $3: status $2"
        return
    fi
    echo "not ok $n - $1 $3: status $status, want $2"
    diff "$want" "$out" | head -n 10 | sed 's/^/# /'
    sed 's/^/# /' "$err" | head -n 5
}

BARE='--technique bare'
FULL='--technique full'
CLASSIC='--technique full --cpu classic'
EMULATE='--technique emulate'
HYBRID='--technique hybrid'
TRANSLATE='--technique translate'

for machine in "$BARE" "$FULL" "$CLASSIC" "$EMULATE" "$HYBRID" \
    "$TRANSLATE"; do
    ends cli-sti 0 "$machine" <<'EOF'
IF = 0: no interrupt came
IF = 1: three interrupts came
EOF
    ends page-fault 0 "$machine" <<'EOF'
paging is on
#PF: error code 00000002, CR2 00300010
the write was done
the entry is marked A and D
EOF
    ends in-out 0 "$machine" <<'EOF'
8259: it remembers the mask
CMOS: it remembers the byte
port 0x2f0: nobody, all bits read 1
EOF
    ends invalid-opcode 0 "$machine" <<'EOF'
three invalid opcodes, three faults
EOF
    ends triple-fault 3 "$machine" 'triple fault' <<'EOF'
no IDT, and a breakpoint
EOF
    ends hlt-cli 3 "$machine" 'halted with interrupts off' <<'EOF'
halting with interrupts off
EOF
    ends spin-cli 124 "$machine --limit 20M" 'limit was reached' <<'EOF'
looping with interrupts off
EOF
    ends faults-for-ever 124 "$machine --limit 20M" 'limit was reached' <<'EOF'
faulting for ever
EOF
    # It talks until the limit: every 200,000 instructions.
    ends never-exits 124 "$machine --cost unit --limit 700000" \
        'limit was reached' <<'EOF'
still here
still here
still here
EOF
done

# Interpreted and translated kernels are not deceived on classic, either.
for machine in "$BARE" "$FULL" "$EMULATE" "$HYBRID" "$TRANSLATE"; do
    ends popf-lies 0 "$machine" <<'EOF'
STI: IF is 1
POPF: IF is 0
EOF
    ends sgdt-tells 0 "$machine" <<'EOF'
SGDT: my own table
SIDT: my own table
EOF
    ends ring-change 0 "$machine" <<'EOF'
the kernel is in ring 0
the program is in ring 3
HLT in ring 3: #GP
INT 0x80: back in ring 0
EOF
done
ends popf-lies 0 "$CLASSIC" <<'EOF'
STI: IF is 1
POPF: IF is still 1 (it lied)
EOF
ends sgdt-tells 0 "$CLASSIC" <<'EOF'
SGDT: not the table I loaded
SIDT: not the table I loaded
EOF
ends ring-change 0 "$CLASSIC" <<'EOF'
not in ring 0!
the program is in ring 3
HLT in ring 3: #GP
not in ring 0!
EOF
ends para 0 '--technique para' <<'EOF'
hello from ring 1
page fault, mine to handle
three system calls, no exits
three ticks; goodbye
EOF

# The detector shows the instruction that lied.
detects() {
    n=$((n + 1))
    if "$BUILD/ringside" run "$1" $CLASSIC --detect 2>&1 > "$out" |
        grep -iq "silent.*$2"; then
        echo "ok $n - $1: the detector names $2"
    else
        echo "not ok $n - $1: the detector does not name $2"
    fi
}
detects popf-lies popf
detects sgdt-tells sgdt
detects sgdt-tells sidt
detects ring-change 'mov eax,cs'
echo "1..$n"
