#!/bin/sh
# The plain debugger by script: every command, mistyped ones, its end.
: "${BUILD:=build}"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
: > "$dir/out"; : > "$dir/err"
. tests/term/guests.sh

guest small '        mov eax, 0x1234
        cli
count:  inc eax
        mov al, "!"
        out 0xe9, al
        mov al, 0
        out 0xf4, al'

# session TECHNIQUE 'command;command;...': run it, its transcript in out.
session() {
    echo "$2" | tr ';' '\n' > "$dir/batch"
    timeout 60 "$BUILD/ringside" debug --technique "$1" "$dir/small.elf" \
        --batch "$dir/batch" > "$dir/out" 2> "$dir/err"
    got=$?
}
# says TEXT...: the session ended well, and each TEXT is in its transcript.
# errs TEXT...: the same, of one that had lines which could not be done.
errs() {
    [ "$got" -eq 2 ] || return 1
    got=0
    says "$@"
}
says() {
    [ "$got" -eq 0 ] || return 1
    for text; do
        grep -q -e "$text" "$dir/out" || { echo "# no '$text'"; return 1; }
    done
}

for t in bare full; do
    session $t 'step 2;regs'
    result "$t: step, and what changed" says 'next: .*cli' \
        '^\* eax 00001234' '^\* eip'
    session $t 'break count;continue;disas;disas count 2;delete;info break'
    result "$t: a breakpoint by symbol stops before it" says \
        '1  [0-9a-f]* count' 'breakpoint' 'next: [0-9a-f]* count: inc eax' \
        '^-> .*inc eax' 'no breakpoints'
    session $t 'break nowhere;brek;b;exit 1 crr;step 0;x;x v;delete 9;info x'
    result "$t: mistyped commands are answered" errs \
        "'nowhere': no register, symbol" "did you mean 'back' or 'break'" \
        "'crr' is no reason" 'is no count' 'x needs a place' \
        'no breakpoint 9' 'breakpoints and registers'
    session $t 'x _start 2;x p 0x100000;x m 0x100000;x 0xfff00000;x esp-4 1'
    result "$t: memory by three kinds of address" says \
        'virtual .* = guest physical .* = machine' '1badb002' \
        '^machine 00100000'
    session $t 'continue;console;step;books;vms;last;help;help exit;quit'
    result "$t: the guest's end is told, and looking goes on" says \
        '  | !' 'ended with status 0' 'no guest runs' '= clock' \
        "$t  *ended" 'exit .*REASON'
    session $t 'quit;step'
    result "$t: quit ends it" says 'quit'
done
# A boot sector: segment and offset, 16-bit code, and what mode it is in.
printf 'b 0:7c05;c;regs;disas 7c0:5 1;step 2;b f000:zz' | tr ';' '\n' \
    > "$dir/batch"
timeout 60 "$BUILD/ringside" debug --technique bare boot-modes \
    --batch "$dir/batch" > "$dir/out" 2> "$dir/err"
got=$?
result 'bare: real mode' errs 'next: f000:fff0 jmp 0xf000:.*(real mode)' \
    'next: 0000:7c05 .*(real mode)' 'real mode, 16-bit code, 16-bit stack' \
    '^-> 0000:7c05  *cli' 'f000'
session full 'exit flags;last;exit 1 io;last;regs;books'
result 'full: an exit is told, layer by layer' says '^exit [0-9]*: flags' \
    'virtual ring 0, in truth ring 1' 'dispatcher as #GP' \
    'emulated: ' 'cycles in all' 'io, port access' 'deprivileged' 'times, mean'

# The phases of an exit add up to its cost.
sums() {
    awk '/^  (exit|save|decode|emulate|memory|inject|device|restore|entry) / {
             gsub(",", "", $2); sum += $2 }
         /cycles in all/ { gsub(",", "", $2); bad += sum != $2; sum = 0; n++ }
         END { exit bad || !n }' "$dir/out"
}
result 'full: the phases add up to the cost' sums

# Two guests on one machine: one stops badly, the other goes on to its end.
guest crash '        lidt [none]
        ud2
none:   dd 0, 0'
printf 'vms\nexit 5\nexit\nexit\ncontinue\nvms\nvm 1\nregs\nvm 3\nconsole\n' > "$dir/batch"
ringside debug --technique full "$dir/crash.elf" "$dir/small.elf" \
    --batch "$dir/batch"
result 'full: two guests; the end of one is not the end of the other' errs \
    'the monitor stopped crash.elf.*triple fault' '2| !' \
    'small.elf has ended with status 0' 'no guest runs' \
    '-> 1  crash.elf' 'no virtual machine 3'
once() { [ "$(grep -c 'monitor stopped crash' "$dir/out")" -eq 1 ]; }
result 'full: an end is told once' once
ringside debug --technique bare "$dir/crash.elf" "$dir/small.elf"
result 'bare: a machine is for one guest' said 2 'alone'

# Watching costs nothing: the clock at the end is the same, watched or not.
# watched TECHNIQUE COMMANDS: true if it is that of an unwatched run.
watched() {
    free=$("$BUILD/ringside" run --json --quiet --technique $1 \
        "$dir/small.elf" 2> "$dir/err" | sed -n 's/.*"cycles":[^0-9]*//p' |
        tr -cd 0-9)
    session $1 "$2"
    seen=$(sed -n 's/^  = clock *\([0-9,]*\).*/\1/p' "$dir/out" | tr -d ,)
    [ -n "$free" ] && [ "$free" = "$seen" ]
}
for t in bare full; do
    result "$t: a run with breakpoints takes no cycle more" watched $t \
        'break 0x12345;continue;books'
    result "$t: a run by steps takes no cycle more" watched $t \
        'step 5;break count;step 3;delete;continue;books'
done

# Backwards: what is met going back is what was met going on, in reverse, to
# every register; and at the end nothing has changed.
# places FILE: what `regs` said, a line each time, marks of change apart.
places() {
    awk '/^\(ringside\)/ { if (line) print line; line = ""; on = /regs$/; next }
         on { gsub(/\*/, " "); gsub(/  +/, " "); line = line $0 }' "$1"
}
# reverses TECHNIQUE GUEST FORWARD BACKWARD COUNT
reverses() {
    awk -v n="$5" -v on="$3" -v back="$4" 'BEGIN {
        for (i = 0; i < n; i++) print on "\nregs"
        for (i = 1; i < n; i++) print back "\nregs"
        print "books" }' > "$dir/batch"
    timeout 120 "$BUILD/ringside" debug --technique $1 "$2" \
        --batch "$dir/batch" > "$dir/out" 2> "$dir/err" || return 1
    places "$dir/out" > "$dir/places"
    head -n $(($5 - 1)) "$dir/places" > "$dir/on"
    tail -n +$(($5 + 1)) "$dir/places" | tac > "$dir/back"
    [ "$(wc -l < "$dir/on")" -ge 10 ] && diff "$dir/on" "$dir/back" |
        sed -n '1,4s/^/# /p' && cmp -s "$dir/on" "$dir/back"
}
for t in bare full emulate hybrid; do
    result "$t: rstep meets what step met, the other way round" reverses $t \
        ring-change step rstep 60
done
result 'para: rstep meets what step met' reverses para para step rstep 40
for t in full hybrid; do
    result "$t: rexit meets what exit met" reverses $t forkwait exit rexit 40
done
session full 'exit;mark here;step 3;goto here;goto 0;mark;goto exit 1;goto x;goto exit 99;rexit 9;rstep'
result 'full: places in time, and what is none' errs 'here  *cycle' \
    'start\|_start' 'go where' 'only [0-9]* exits have been' \
    'the beginning' 'this is the beginning'
session bare 'rcontinue;watch eax;continue;continue;rcontinue;delete;info;changed eax;changed;watch nowhere'
result 'bare: watches, on and back' errs 'back to where' \
    'eax has changed: 2badb002, now 00001234' \
    'eax has changed: 00001234, now 00001235' \
    'the next step changes eax: 2badb002 becomes 00001234' 'changed what' \
    "'nowhere': no"
# Where watches only depend on memory, they are looked at behind stores to it
# alone; one that needs a register makes it behind every instruction. Both must
# stop at the same places.
narrow() {
    {
        echo 'break schedule; continue' | tr ';' '\n'
        printf 'watch %s\n' '[current]' '[current + 8]' '[[current]]' \
            'pte(0x8048000)' '[0x8048ffe]'
        [ "$3" ] && echo "watch $3"
        for i in 1 2 3 4 5 6 7; do
            printf 'continue\nprint cycle\n'
        done
    } > "$dir/narrow"
    timeout 120 "$BUILD"/ringside debug "$2" --technique "$1" --append n=3 \
        --batch "$dir/narrow" 2>&1 | sed -n '/print cycle/,$p'
}
same_stops() {
    narrow "$1" "$2" > "$dir/few" && narrow "$1" "$2" 'eax * 0' > "$dir/all" &&
        [ "$(grep -c 'has changed' "$dir/few")" -ge 4 ] &&
        cmp "$dir/few" "$dir/all"
}
for t in bare full hvm; do
    result "$t: watches of memory stop where a look behind every instruction does" \
        same_stops $t forkwait
done
ends_well() {
    narrow bare forkwait > "$dir/few"
    "$BUILD"/ringside debug forkwait --technique bare --append n=3 \
        --batch "$dir/narrow" > "$dir/out" 2>&1
}
result 'and the machine is given back with such watches in force' ends_well
early() {
    printf 'watch [current]\ninfo\ncontinue\n' > "$dir/early"
    "$BUILD"/ringside debug forkwait --batch "$dir/early" > "$dir/out" 2>&1
    got=$?
    says 'which nothing is mapped at yet' \
        '\[current\] has changed: 00000000, now c0'
}
result 'full: what is not mapped yet is watched from when it is' early

session bare 'break count;continue;continue;rcontinue'
result 'bare: back from the end to a breakpoint' says 'ended with status 0' \
    'count: inc eax'
# What a motion may end at, and the same going back.
printf '%s\n' 'run to marker' 'goto 0' 'run to ring' 'run to space' \
    'back to space' 'back to ring' 'back if eip==3' 'run to injection' \
    'run to exit 300' 'back to exit 299' 'run to cycle 900000' 'run nowhere' \
    'exit if reason=cr3 && cost>1000' 'rexit if cost>1000000000' \
    > "$dir/batch"
ringside debug forkwait --batch "$dir/batch"
result 'full: run and back, to events and times' errs \
    'ring has changed: 00000000, now 00000003' \
    'cr3 has changed\|space has changed' 'here: marker' \
    'the next step changes space' 'the next step changes ring: 0' \
    'nothing of the kind' 'exit 300: ' 'exit 299: ' 'line 12: .nowhere' \
    'exit [0-9]*: cr3' 'no such exit before this'
printf '%s\n' 'break sys_fork if ring==0' 'continue' 'over' 'out' 'rout' \
    'rover' 'delete' 'catch exit cr3 if cost>1' 'continue' 'rcontinue' \
    'at 2 do print cr3; regs' 'continue' 'delete 2' 'catch port 0x3f8' \
    'continue' 'break p 0x00100010' 'watch pte(0x400000)' 'continue' \
    'print reason==io' 'timeline 3' > "$dir/batch"
ringside debug forkwait --batch "$dir/batch"
result 'full: stops of each kind, and what to do at them' says \
    'c0[0-9a-f]* sys_fork if ring==0' 'stop 2: exit cr3 if cost>1' \
    '  0x[0-9a-f]* = [0-9]*' 'stop 3: port 0x3f8' 'guest physical' \
    'watch pte(0x400000)' '<- here'
printf '%s\n' 'print eax +' 'print ecks' 'break 0x1000 when 3' 'catch wind' \
    'at 7 do step' 'apropos memory' 'apropos nothing-of-it' 'help cr3' \
    > "$dir/batch"
ringside debug "$dir/small.elf" --batch "$dir/batch"
result 'errors have their line and their place' errs \
    'line 1: .*value is missing' '^         ^' "did you mean .*'ecx'" \
    "begins with 'if'" "'wind' is no event" 'no breakpoint 7' \
    'N words of memory' 'no command speaks' 'line 8: there is no command'

# gdb's spellings, and what a mistyped name may have meant.
printf '%s\n' 'exit 30' 'stepi' 'ni' 'backtrace' 'x/5xw $esp' 'x/2i $pc' \
    'p/x $eip' 'info registers' 'reverse-stepi' 'goto exit dearest' 'help' \
    > "$dir/batch"
ringside debug forkwait --batch "$dir/batch"
result "gdb's names are understood" says '^ #0  c0' '^virtual c0.* = guest' \
    '^-> c0' '^  0xc0' "^  eip\|^\* eip" 'exit 22: cr, .*: 3,840 cycles'
result 'help keeps to 80 columns' eval '! grep -q "^.\{81\}" "$dir/out"'
printf '%s\n' 'x/5q eip' '/' 'walk' 'exit if' 'p $esq' > "$dir/batch"
ringside debug forkwait --batch "$dir/batch"
result 'what is no spelling of it is answered' errs "no command 'x/5q'" \
    "no command '/'" "'view walk' shows it" 'if what' "did you mean 'esp'"

# By which rule, where there is no IDT; and who stands where at the beginning.
echo 'exit nested-fill; why' | tr ';' '\n' > "$dir/batch"
ringside debug forkwait --technique hvm --batch "$dir/batch"
result 'hvm: what ends guest mode goes through no IDT' says 'through no IDT'
echo 'exit' > "$dir/batch"
ringside debug forkwait --technique emulate --batch "$dir/batch"
result 'emulate: its turn comes where the guest stands' says \
    '^exit 1: schedule' '^  at 0010000c start_physical'
echo 'regs' > "$dir/batch"
ringside debug forkwait --technique translate --batch "$dir/batch"
result 'translate: the guest stands at its first instruction' says \
    '^next: 0010000c start_physical: mov edi' '^  eax 2badb002'

# Side by side: two machines that move together.
# beside LINE...: what forkwait under full, and those lines, lead to.
beside() {
    printf '%s\n' "$@" > "$dir/batch"
    ringside debug forkwait --append n=4 --batch "$dir/batch"
}
beside 'run to marker' 'run to marker 0' 'beside para' 'beside nothing'
result 'full beside para, at the same marker' errs 'both after 2 markers' \
    '^  cycles  *[0-9,]*  *[0-9,]*  *[0-9.]*$' \
    '^  hypercall  *0  *[0-9,]*  2 alone' \
    '^  pt-write  *[0-9,]*  *0  1 alone' "'nothing' cannot be run beside this"
beside 'beside para' 'run to marker' 'run to marker 0' 'diff' 'diff 1' 'diff 3'
result 'both go on to the next phase; diff names what parts them' errs \
    '^-- both after 1 marker | exits 1[0-9]* / 2[0-9] x0.2[0-9] | cycles' \
    '^output   the same' '^markers  the same, 2' '(phase 2)' \
    '^  cr3  *ops_load_directory  *12  *0 .* 1$' '^  1 alone: .*' \
    '^  2 alone: .*hypercall' 'both have passed 2 markers only'
# hashes: of both sides, wherever `hash` was asked.
hashes() { sed -n 's/^  cycle [0-9]*: /h/p' "$dir/out" | tr '\n' ' '; }
beside 'beside hvm' 'exit 200' hash 'side 2 hash' 'rexit 50' 'run to marker 0' \
    'rcontinue' 'goto exit 200' hash 'side 2 hash'
there_and_back() { [ $# -eq 4 ] && [ "$1 $2" = "$3 $4" ] && [ $1 != $2 ]; }
result 'there and back, both are what they were' there_and_back $(hashes)
beside 'beside hvm' 'run to marker' 'side 2 run to marker 0' 'meet' \
    'side 2' 'print cr3' 'side 2 exit' 'beside off' 'meet' 'side'
result 'one moves alone, and they meet again' errs \
    'after 1 marker, 2 after 2' "not in the same phase: 'meet'" \
    '^-- both after 1 marker' '^(ringside 2) print cr3' \
    'there is nothing beside this'
beside 'beside para' 'break ops_load_directory' 'at 1 do print eip' 'continue' \
    'side 2 delete' 'continue' 'info breakpoints' 'run to nowhere'
result 'a breakpoint is met by each, at its own address' errs \
    '^-- 1: print eip' '= ops_load_directory' '^-- 2: print eip' \
    '^  no breakpoints' 'done, status 0'
two_places() {
    [ $(sed -n 's/^ *1  \(c0[0-9a-f]*\) ops_load_dir.*/\1/p' "$dir/out" |
        sort -u | wc -l) -eq 2 ]
}
result 'which are two' two_places
beside 'beside para' 'break ops_load_directory' 'at 1 do beside off; regs' \
    'side 2 continue' 'diff' 'step'
result 'a stop of the second machine may end that machine' errs \
    '^-- 2: beside off; regs' 'nothing beside this' 'next: '
beside 'beside para' 'run to marker' 'side 2 exit 3' 'mark there' \
    "save $dir/pair.json" hash 'side 2 hash' 'step 0'
saved=$(hashes)
printf '%s\n' hash 'side 2 hash' 'side 2 exit 5' 'goto there' > "$dir/batch"
ringside debug --evidence "$dir/pair.json" --batch "$dir/batch"
same_pair() {
    [ -n "$saved" ] && [ "$(hashes)" = "$saved" ] &&
        says 'to the last bit' '^-- 1 after 1 marker\|^-- both after 1 marker'
}
result 'evidence has both machines, each at its place' same_pair
# Two guests that are to do the same, and do not.
for what in '"d", 3' '"x", 4'; do
    guest two "mov al, \"a\"
        out 0xe9, al
        mov al, 10
        out 0xe9, al
        mov al, ${what%,*}
        out 0xe9, al
        mov eax, 1
        out 0xf8, eax
        mov eax, ${what#*,}
        out 0xf8, eax
        mov al, 10
        out 0xe9, al
        mov al, 0
        out 0xf4, al"
    mv "$dir/two.elf" "$dir/two-${what#*, }.elf"
done
printf '%s\n' 'run to marker' 'run to marker' 'diff' 'diff 1' 'continue' > "$dir/batch"
ringside debug "$dir/two-3.elf" --beside "$dir/two-4.elf@bare" --batch "$dir/batch"
result 'diff says where output and markers part' says \
    'PARTS in line 2, after 2 bytes' '^  *1 | d' '^  *2 | x' \
    'PART at number 2: 1 has entered phase 3, 2 4' '^exits from marker 1 to' \
    '^exits from the beginning to marker 1'
printf 'beside\n' > "$dir/batch"
ends 0 'cli-sti.elf under full' '--beside' debug cli-sti --technique full \
    --beside bare --batch "$dir/batch"
ends 2 "'nonsense' cannot be run beside" 'of what is none is bad use' \
    debug cli-sti --beside nonsense --batch "$dir/batch"
ends 2 'this one has several' 'and so it is of several guests' \
    debug cli-sti page-fault --beside bare --batch "$dir/batch"

# Learning: why, predictions with a score, the tour, what is locked.
printf '%s\n' why 'exit cr' why 'predict exit' 'predict yes monitor 3000' \
    'predict no nobody 1' 'predict maybe' tour tour > "$dir/batch"
printf 'lock goto mark\nmark start\n' > "$dir/setup"
ringside debug forkwait --batch "$dir/batch" --setup "$dir/setup"
result 'why, predict, tour and lock' errs 'nothing has trapped yet' \
    'rule: it is privileged' \
    'layer: the monitor took it' 'score: [0-6] of 6' 'three answers' \
    '^1 of 10' '^2 of 10' "'mark' is locked" 'locked: goto mark'

# A session as evidence: the same place, the same machine, to the bit.
printf '%s\n' 'run to marker' 'mark phase' 'exit 30' "save $dir/e.json" hash \
    > "$dir/batch"
ringside debug forkwait@para --append n=3 --cost pentium --batch "$dir/batch"
result 'a session is saved as evidence' says 'saved: '
grep '^  cycle' "$dir/out" > "$dir/hash"
printf 'hash\nmark\n' > "$dir/batch"
ringside debug --evidence "$dir/e.json" --batch "$dir/batch"
same_place() { says 'to the last bit' 'phase' "$(cat "$dir/hash")"; }
result 'evidence is opened at the same place, and the same it is' same_place
head -c 600 "$dir/e.json" > "$dir/half.json"
ringside debug --evidence "$dir/half.json"
result 'damaged evidence' said 2 'is damaged'
sed 's/"hash":.*"/"hash": "0"/' "$dir/e.json" > "$dir/half.json"
ringside debug --evidence "$dir/half.json"
result 'evidence of another image' said 2 'is another image'
sed 's/"state":.*"/"state": "0"/' "$dir/e.json" > "$dir/half.json"
ringside debug --evidence "$dir/half.json" --batch "$dir/batch"
result 'evidence of another machine' errs 'another than was saved'
ringside debug --evidence "$dir/none.json"
result 'evidence that is not there' said 2 'cannot be read'
printf 'save %s/no/e.json\nsave\n' "$dir" > "$dir/batch"
ringside debug forkwait --batch "$dir/batch"
result 'evidence that cannot be written' errs 'nothing of it is there' \
    'save where'
full_disk() {
    echo "save $dir/full.json" > "$dir/batch"
    (trap '' XFSZ; ulimit -f 0
        "$BUILD/ringside" debug forkwait --batch "$dir/batch" 2>&1 |
        grep 'cannot be written') > /dev/null 2>&1 || true
    [ ! -e "$dir/full.json" ] && [ ! -e "$dir/full.json.part" ]
}
result 'a full disk leaves nothing half-written' full_disk

# A trace holds each exit once, however often it is played.
printf 'exit 9\nrexit 5\nexit 12\n' > "$dir/batch"
"$BUILD/ringside" debug forkwait --batch "$dir/batch" \
    --trace "$dir/t.jsonl" > "$dir/out" 2> "$dir/err"
once() {
    sed -n 's/^{"exit":\([0-9]*\),.*/\1/p' "$dir/t.jsonl" > "$dir/numbers"
    seq "$(wc -l < "$dir/numbers")" | cmp -s - "$dir/numbers" &&
        [ "$(wc -l < "$dir/numbers")" -ge 16 ]
}
result 'a trace holds each exit once' once

session bare 'exit'
result 'bare: there are no exits, and it says so' says 'ended' 'no exit'
ringside debug "$dir/small.elf" --batch "$dir/none"
result 'a batch file that is not there' said 2 'batch file'
printf 'step\nquit' | "$BUILD/ringside" debug --plain --technique bare \
    "$dir/small.elf" > "$dir/out" 2> "$dir/err"
got=$?
result 'commands by standard input, without a last newline' says 'next:'

# Random lines: sensible words in a senseless order, and noise.
awk 'BEGIN {
    srand(7)
    n = split("step exit continue break delete info last regs x disas books " \
        "vms console help rstep rexit rcontinue changed goto mark watch rs re rc s e c b d i l r u k v o h 0 1 2 99 -1 +1 0x1000 " \
        "ffffffff 18446744073709551616 eax esp+4 count count+1 _start v p m " \
        "flags cr3 hypercall breakpoints run back to catch at do over out rover " \
        "rout print timeline hash predict tour why apropos if reason=cr3 " \
        "cost>5 [esp] pte(0x400000) [[eax]] (1+2 ring space marker cycle " \
        "injection port msr yes monitor eax==1 && || ! 7c0:0 real.cr3 %s%n ;;; \"\" \\ é ()", word, " ")
    for (i = 0; i < 1500; i++) {
        line = ""
        for (k = int(rand() * 5); k >= 0; k--)
            line = line " " word[1 + int(rand() * n)]
        print line
    }
}' > "$dir/noise"
for t in bare full; do
    timeout 120 "$BUILD/ringside" debug --technique $t --limit 50M \
        "$dir/small.elf" --batch "$dir/noise" > "$dir/out" 2> "$dir/err"
    got=$?
    result "$t: 1500 random lines, and the session lives" errs \
        'ended with status 0'
done
