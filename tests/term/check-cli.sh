#!/bin/sh
# The command line: bad use, bad guests, every exit status, JSON, colour.
: "${BUILD:=build}"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
: > "$dir/out"; : > "$dir/err"
. tests/term/guests.sh

# --------------------------------------------------------------- bad use
ends 2 'Usage: ringside COMMAND' 'no command: what there is'
ends 0 'Usage: ringside COMMAND' 'help' --help
ends 2 "did you mean 'compare'" 'a mistyped command' comprae
ends 2 "did you mean 'technique'" 'a mistyped option' run --tecnique full x
ends 2 'does not take' "another command's option" run --sites x
ends 2 'needs a value' 'an option without its value' run x --cost
ends 2 'takes no value' 'a value where none belongs' run --quiet=1 x
ends 2 'two dashes' 'one dash' run -q x
ends 2 'A guest is missing' 'no guest' run
ends 2 'too many' 'two guests' stat a b
ends 2 'too many' 'nine guests' run a b c d e f g h i
ends 2 'has it for itself' 'two on the bare machine' run cli-sti@bare in-out@bare
ends 2 'from 1 to 100' 'a cap of 101' run cli-sti --cap 101
ends 2 'from 1 to 65535' 'a weight of 0' run cli-sti --weight 1,0
ends 2 'there is round-robin' 'no such schedule' run cli-sti --schedule best
ends 3 'triple fault' 'one of two dies' run triple-fault in-out@emulate
ends 2 'there is bare' 'an unknown technique' run --technique ful x
ends 2 'classic' 'an unknown processor' run --cpu 386 x
ends 2 'number' 'a limit that is no number' run --limit many x
ends 2 'number' 'a limit of nothing' run --limit 0 x
ends 2 'number' 'a limit too great' run --limit 99999999999999999999 x
ends 2 'ringside explain guests' 'an unknown guest' run no-such-guest
ends 2 'p4-vt' 'an unknown preset' run --cost p4-tv x
ends 2 "did you mean 'port_io'" 'an unknown price' run --set port_oi=3 x
ends 2 "nothing is called 'frobnicate'" 'nothing to explain' \
    explain frobnicate
for command in run compare stat debug explain; do
    ends 0 "Usage: ringside $command" "$command --help" $command --help
done

ends 0 'Usage: ringside run' 'help COMMAND is COMMAND --help' help run
ends 2 "no technique is called 'ful'" 'a mistyped GUEST@TECHNIQUE' run kernel@ful
ends 2 "no guest" 'nothing to compare' compare no-such-guest
result 'and no heading over nothing' [ ! -s "$dir/out" ]
ends 2 'batch file.*directory' 'a folder as a batch file' debug cli-sti --batch /
ends 2 'setup file.*directory' 'a folder as a setup file' debug cli-sti --setup /

# Where `explain` says that an exit is to be seen, it is.
to_be_seen() {
    for reason in silent iret nested-fill hypercall callout interpret gdt-write hlt; do
        ringside explain $reason
        where=$(sed -n 's/.*see some: ringside debug \(.*\) --plain/\1/p' "$dir/out")
        sed -n 's/.*then: //p' "$dir/out" > "$dir/batch"
        ringside debug $where --batch "$dir/batch"
        grep -q "^exit [0-9,]*: $reason" "$dir/out" || return 1
    done
}
result 'explain: where an exit is to be seen' to_be_seen

# A terminal of 80 columns shows each option on one line.
for command in run compare stat debug bench theorem explain; do
    "$BUILD/ringside" $command --help
done > "$dir/help"
n=$((n + 1))
if awk 'length($0) > 80 { print "# " $0; bad = 1 } END { exit bad }' \
    "$dir/help" > "$dir/wide"
then echo "ok $n - every line of help fits 80 columns"
else echo "not ok $n - every line of help fits 80 columns"; cat "$dir/wide"; fi

# ----------------------------------------------------- wrong price files
echo 'title = x' > "$dir/short.cost"
ends 2 'short.cost' 'a cost file with rows missing' \
    run --cost "$dir/short.cost" x
echo 'walrus = 1' > "$dir/odd.cost"
ends 2 'odd.cost:1.*walrus' 'a cost file with an unknown row' \
    run --cost "$dir/odd.cost" x
ends 2 'none.cost' 'a cost file that is not there' \
    run --cost "$dir/none.cost" x

# ------------------------------------------------------------ bad guests
guest good 'mov al, "!"
        out 0xe9, al
        mov al, 0
        out 0xf4, al'
: > "$dir/empty.elf"
head -c 60 "$dir/good.elf" > "$dir/short.elf"
head -c 3000 /dev/zero > "$dir/zero.elf"
# A segment that asks for 3.9 GiB: its p_memsz is at offset 52 + 20.
cp "$dir/good.elf" "$dir/big.elf"
printf '\377\377\377\367' |
    dd of="$dir/big.elf" bs=1 seek=72 conv=notrunc 2> "$dir/err"
for technique in bare full para; do
    t="--technique $technique"
    ends 2 'none.elf' "$technique: a missing image" run $t "$dir/none.elf"
    ends 2 'empty.elf' "$technique: an empty image" run $t "$dir/empty.elf"
    ends 2 'short.elf' "$technique: a truncated image" run $t "$dir/short.elf"
    ends 2 'zero.elf' "$technique: an image of zeros" run $t "$dir/zero.elf"
    ends 2 'big.elf' "$technique: an oversized image" run $t "$dir/big.elf"
    ends 2 "$dir" "$technique: a directory" run $t "$dir/"
done

# --------------------------------------------------------- exit statuses
guest failure 'mov al, 7
        out 0xf4, al'
guest spin 'cli
        jmp $'
guest halt 'cli
        hlt'
guest triple 'lidt [none]
        ud2
none:   dd 0, 0'
guest forever "$TAKE_UD
        ud2
handler: iret"
for technique in bare full; do
    t="--technique $technique"
    ends 0 '!' "$technique: success is 0" run $t "$dir/good.elf"
    ends 1 'failure (7)' "$technique: failure is 1" run $t "$dir/failure.elf"
    ends 3 'interrupts off' "$technique: halted for ever is 3" \
        run $t "$dir/halt.elf"
    ends 3 'triple fault' "$technique: a triple fault is 3" \
        run $t "$dir/triple.elf"
    ends 124 'limit' "$technique: a loop with interrupts off, limited" \
        run $t --limit 2M "$dir/spin.elf"
    ends 124 'limit' "$technique: faults for ever, limited" \
        run $t --limit 2M "$dir/forever.elf"
done
ends 2 "x.jsonl: it cannot" 'a trace that cannot be written' \
    run --trace "$dir/none/x.jsonl" "$dir/good.elf"
ends 2 "x.txt" 'a trace of no known kind' \
    run --trace "$dir/x.txt" "$dir/good.elf"

# One signal, as a key gives: without --foreground, timeout sends two, and the
# second Ctrl-C of a user who will not wait ends the program at once.
timeout --foreground -k 20 -s INT 1 "$BUILD/ringside" run --technique full "$dir/spin.elf" \
    > "$dir/out" 2> "$dir/err"
got=$?
result 'Ctrl-C ends a guest that never would' said 124 ''
timeout --foreground -k 20 --preserve-status -s INT 1 "$BUILD/ringside" run --technique bare \
    "$dir/spin.elf" > "$dir/out" 2> "$dir/err"
got=$?
result 'Ctrl-C is 130, and the books are told' said 130 'interrupted'

timeout --foreground -k 20 --preserve-status -s INT 2 "$BUILD/ringside" compare \
    "$dir/spin.elf" > "$dir/out" 2> "$dir/err"
got=$?
result 'Ctrl-C ends compare, which prints what it has' said 130 'did not finish'

if [ -w /dev/full ]; then
    "$BUILD/ringside" explain costs > /dev/full 2> "$dir/err"
    got=$?
    result 'a full disk is told' said 1 'cannot be written'
fi

# --------------------------------------------------------------- explain
for list in reasons techniques dispositions phases costs devices; do
    "$BUILD/ringside" explain | tr '\n' ' ' |
        sed "s/.* $list: \([^:]*\) [a-z]*:.*/\1/" | tr ' ' '\n' |
        while read -r name; do
            [ -z "$name" ] || "$BUILD/ringside" explain "$name" |
                grep -q "^$name: " || echo "$name"
        done > "$dir/out"
    result "explain knows all its $list" [ ! -s "$dir/out" ]
done
sed -n 's/^INSN([A-Za-z0-9_]*, *[^"]*"\([A-Za-z0-9]*\).*/\1/p' cpu/insn.def |
    sed 's/cc$/nz/' | sort -u | while read -r name; do
        "$BUILD/ringside" explain "$name" 2>&1 |
            grep -q 'an instruction' ||
            echo "$name"
    done > "$dir/out"
result 'explain knows every mnemonic' [ ! -s "$dir/out" ]
ends 0 'CRITICAL' 'explain popf: critical on the classic processor' \
    explain popf
ends 0 "v_popf does it: an exit 'flags'" 'explain popf: who takes it' \
    explain popf
ends 0 'By:.*CLI.*STI' 'explain flags: what leads there' explain flags
ends 0 'Jcc' 'explain jnz: a condition' explain jnz

# ----------------------------------------------------------- JSON, colour
json() { [ -s "$dir/out" ] && jq -e "$1" "$dir/out" > "$dir/jq" 2>&1; }
if command -v jq > "$dir/which"; then
    ringside run --json "$dir/good.elf"
    result 'run --json parses, and the books balance' json \
        '.status == 0 and
         .cycles == .guest_cycles + .exit_cycles + .idle_cycles'
    ringside run --json --technique bare --limit 2M "$dir/spin.elf"
    result '2M are two million cycles' json \
        '.status == 124 and .cycles >= 2000000 and .cycles < 2010000'
    ringside stat --json --sites "$dir/good.elf"
    result 'stat --json parses, and its exits add up' json \
        '.exits == ([.exits_by_reason[].count] | add) and
         .exits == ([.sites[].count] | add) and
         .exit_cycles == ([.sites[].cycles] | add) and
         .exit_cycles == ([.cycles_by_phase[]] | add)'
    ringside stat --json --spread "$dir/good.elf"
    result 'stat --spread counts each exit once' json \
        '.exits == ([.spread[].count] | add)'
    ringside compare --json "$dir/good.elf"
    result 'compare --json parses, and bare is 1' json \
        '.[0].technique == "bare" and .[0].times_bare == 1 and
         .[1].technique == "full" and .[1].exits > 0 and
         .[1].times_bare == .[1].cycles / .[0].cycles and
         .[1].times_bare > 1'
    # Between its markers it runs 1000 instructions and one OUT.
    guest marked 'mov eax, 1
        out 0xf8, eax
        mov ecx, 499
count:  dec ecx
        jnz count
        xor eax, eax
        out 0xf8, eax
        mov ecx, 100000
after:  dec ecx
        jnz after
        out 0xf4, al'
    ringside compare --json --cost unit "$dir/marked.elf"
    result 'compare counts from marker to marker' json \
        '.[0].instructions >= 999 and .[0].instructions < 1010 and
         .[0].cycles >= 999 and .[0].cycles < 1100'
else
    n=$((n + 1))
    echo "ok $n - JSON parses # skip no jq"
fi
plain() { ! grep -q "$(printf '\033')" "$dir/out" "$dir/err"; }
ringside compare "$dir/good.elf"
result 'no colour where no terminal is' plain
wide() { awk 'length($0) > 80 { exit 1 }' "$dir/out"; }
LC_ALL=C ringside compare "$dir/good.elf"
result 'compare keeps to 80 columns' wide

# ------------------------------------------------- the manual's own truth
manual=docs/ringside.1
for option in $(sed -n 's/^OPTION([a-z]*, "\([a-z]*\)".*/\1/p' \
    debugger/options.def); do
    grep -q -e "\\\\-\\\\-$option" $manual || echo "--$option"
done > "$dir/out"
sed -n 's/^DEBUG_COMMAND(\([a-z]*\),.*/\1/p' debugger/debug_commands.def |
    while read -r command; do
        grep -q -e "^\\.BR $command " $manual || echo "debugger: $command"
    done >> "$dir/out"
empty() { [ ! -s "$dir/out" ]; }
result 'the manual page names every option and debugger command' empty
