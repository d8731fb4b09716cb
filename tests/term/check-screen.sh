#!/bin/sh
# The full screen at a real terminal: its panes, keys and sizes, and that the
# terminal is given back. What is asked of a screen is what it means.
: "${BUILD:=build}"
dir=$(mktemp -d) || exit 1
. tests/term/terminal.sh
guest small 'mov eax, 1
count:  inc eax
        jmp count'
terminal_open 'the full screen'
# view KEY TEXT...: the pane of that key comes up, and shows each.
view() {
    keys "$1"
    shift
    shows "$@"
}
# --- 80x24, plain ASCII, no colour: what it means needs neither.
debug 'LC_ALL=C NO_COLOR=1' 'forkwait --technique full'
result 'strip, code, registers and a command line fit 80x24' shows \
    'full | virtual ring 0, real' 'exit 0 | cycle 0' '=>.* mov edi' \
    'registers: guest, machine' '(ringside).*keys'
keys Right
result 'a key echoes its command' shows '^- (ringside) exit' 'schedule'
type_in 'exit cr3'
result 'typed commands run; the exit is in the list' shows \
    '^>  *20 cr3 .*0/1 emulated  *2,280 #' 'exit 20 |' 'CR3 001[0-9a-f]*000, real 01'
result 'what just ran and what is next are told apart' shows \
    '^--.* T mov cr3,eax' '^=>.* T mov eax,cr0' '\*eax 001[0-9a-f]*000'
result 'the real CS shows the ring it runs in' shows 'eflags .* !'
result 'no byte above ASCII in an ASCII locale' \
    eval '! screen | LC_ALL=C grep -q "[^ -~]"'
result 'no colour with NO_COLOR' \
    eval '! screen -e | grep -q "$(printf "\033")\[[0-9;]*3[0-7]"'
result '2: the phases sum to the cost' view 2 'anatomy' '2,280 cycles' \
    'exit  *590' 'decode  *510' 'entry  *381' 'enters the'
result '3: a page walk through both tables and the TLB' view 3 'page walk' \
    'directory  ' 'paging is off.*0' 'in sync' '^TLB' 'made by .*shadow-fill'
result '4: memory at the next instruction' view 4 '^> 0010004' 'machine 00'
result '5: the stack' view 5 'ss:esp 0010:0'
result '6: the console, empty yet' view 6 'nothing printed yet'
result '7: share of samples beside share of time' view 7 'samples' 'time' \
    '^cr3  *1  *5.0 %'
type_in 'exit 10'
result '8: the descriptor tables, the guest'"'"'s beside the real' view 8 \
    'GDT  guest' 'real at ffe00000' 'code read 1'
result '9: the virtual processor' view 9 'virtual  IF 0' 'real  *IF 1' 'CR4'
result '0: the interrupt controllers' view 0 'master' 'IMR' 'in service'
keys Tab
result 'Tab goes on to the next view, and says so' shows '(ringside) view code'
type_in 'view stack'
result 'a view by its name' shows 'ss:esp' '(ringside) view stack'
type_in 'nonsense'
result 'a mistyped command loses nothing' shows "no command 'nonsense'" '=>'
type_in 'regs'
result 'a long answer gets a pane' shows 'what the command said' '^(ringside) regs' 'deprivileged'
result 'which says how much is below' shows ' [0-9]* more: Down'
type_in 'tour'
result 'so does a lesson, though it runs the guest' shows '1 of 10' 'command said'
keys Space
result 'and the next command has its own view again' shows 'ss:esp' ') step'
keys '?'
result '? shows the keys' shows 'Space  *step' 'Right  *exit' 'F12 output'
keys x
result 'any key goes back' shows '=>'
type_in ''
keys Escape
terminal send-keys -l 'exit sh'
keys Tab
result 'completion of reasons' shows '(ringside) exit shadow-fill'
keys Escape
before_step() { screen | sed -n 's/.*| cycle \([0-9,]*\).*/\1/p'; }
keys Space
shows '(ringside) step'
keys Escape
was=$(before_step)
keys Space
stepped() {
    for i in 1 2 3 4 5 6 7 8; do
        [ "$(before_step)" != "$was" ] && return 0
        sleep 0.25
    done
    return 1
}
result 'Space steps' stepped
keys BSpace
back() { shows '(ringside) rstep' "cycle $was" && [ "$(before_step)" = "$was" ]; }
result 'Backspace steps back to the same cycle' back

# --- Other sizes, while it runs.
keys 2 1
resize 132 43
result '132x43: rings, stack, exits and anatomy at once' shows \
    'guest believes' 'anatomy of an exit' 'ss:esp' 'v/r became' 'gdtr'
resize 1 1
result '1x1 is survived' shows '^l\|^$'
resize 29 8
result 'a window too small says so' shows 'larger, please'
resize 40 10
result '40x10 has the strip, one pane and the line' shows 'full |' \
    '(ringside)' '^- '
resize 80 24
result 'and 80x24 is as before' shows '=>' '(ringside)' 'registers: guest, machine'
result 'no line is longer than the window' lines_over 80
type_in 'continue'
result 'a guest that ends is told' shows 'cost of exits 5,[0-9]' 'exit 2,3[0-9]'
result 'its console' view 6 'done, status 0'
type_in 'quit'
result 'quit leaves with status 0' shows 'left=0'
result 'and gives the terminal back' shell_answers

# --- Guest mode: what ends it, its control block, walks in two dimensions.
debug 'LC_ALL=C NO_COLOR=1' 'forkwait --technique hvm'
shows '=>'
type_in 'exit io'
result 'hvm: ring 0 is the guest'"'"'s own, and ports alone trap' shows \
    'virtual ring 0, real 0' '^-- .* T out dx,al'
result 'an exit arrives as #VMEXIT, with its code' view F12 '#VMEXIT 07b, IOIO'
result 'F4: the kernel is in ring 0 of guest mode' view F4 \
    '^ring 0  >.guest kernel.<  *>.guest kernel.<' 'guest mode: the monitor'
result 'F8: the control block in words' view F8 \
    '^\* EXITCODE *07b IOIO: a port' '^\* EXITINFO *OUT to port 3fb, 1 byte' \
    '^  EVENTINJ *nothing went in' 'INTR CPUID HLT'
keys +
result 'and the whole of it' shows 'nested paging, N_CR3' \
    'CR written none' 'the guest.s state'
keys NPage
result 'to its end, each change marked' shows 'CS   0008 0c9b' '\*RIP c010'
keys -
result '3: each entry beside the nested one' view 3 'nested: from there' \
    'directory  001[0-9a-f]*23 .*PWUAD at .*in sync' 'made by .*nested-fill' \
    'A walk takes 8 references'
type_in 'exit nested-fill'
result 'what it filled is named' shows 'made by    exit 2[0-9], nested-fill'
type_in 'view walk 0xc0300000'
result 'what it has not yet, too' shows 'unfilled' 'An access makes an exit'
type_in 'quit'
shows 'left=0'

guest pae '        mov dword [0x200000], 0x201001
        mov dword [0x201000], 0x83
        mov dword [0x201010], 0x202003
        mov dword [0x202000], 0x400003
        mov eax, 0x20
        mov cr4, eax
        mov eax, 0x200000
        mov cr3, eax
        mov eax, cr0
        or eax, 0x80000000
        mov cr0, eax
        nop
small:  mov ebx, [0x400010]
large:  mov ebx, [0x300]
none:   mov ebx, [0x40400010]'
# The entries stand where the guest has put them: above.
for t in bare hvm; do
    debug 'LC_ALL=C NO_COLOR=1' "--technique $t $dir/pae.elf"
    shows '=>'
    type_in 'run small'
    result "$t: PAE's three levels" view 3 '^guest virtual 00400010' \
        '^pointer    0:00201001 P, number 0' \
        '^directory  0:00202003 PW--- at 00201010' \
        '^table      0:00400003 PW--- at 00202000' 'page .*00400010'
    type_in 'run large'
    result "$t: a page of 2 MiB" shows '^guest virtual 00000300' \
        '^directory  0:000000a3 PW-A- at 00201000' 'page .*00000300'
    type_in 'run none'
    result "$t: an absent pointer" shows '^pointer    0:00000000 -, number 1' \
        'not mapped: #PF'
    type_in 'quit'
    shows 'left=0'
done

debug 'LC_ALL=C NO_COLOR=1' 'forkwait --technique para'
shows '=>'
type_in 'exit 20'
result 'para has event channels in place of interrupts' view 0 \
    'upcall_mask 1: the guest holds' 'pending_sel 00000001' \
    '1    1       .   the console' '2    .       .   VIRQ timer'
result 'and no control block, which is said' view F8 'Under para no control' \
    'beside hvm'
type_in 'quit'
shows 'left=0'

# --- Side by side.
debug 'LC_ALL=C NO_COLOR=1' 'forkwait --beside para'
result 'side by side: both machines in the strip, and their totals' shows \
    '^>1 kernel-native | full' '^ 2 kernel-para | para' \
    '^ no marker yet | exits 0 / 0 | cycles 0 / 0' 'side by side \[F9\]'
keys '>'
result '> goes on to the next phase, both' shows '(ringside) run to marker' \
    '^ both after 1 marker | exits 1[0-9]* / 2[0-9] x0.2' '^hypercall .*2 alone'
keys 1
result 'the panes of both, one above the other' shows '- 1 full: exits' \
    '- 2 para: exits' '^>.* io .*ops_marker' '^>.* hypercall '
keys F7
result 'F7 turns to the other' shows '^>2 kernel-para' '2 para: exits \[1\] <'
type_in 'diff'
result 'diff has a view' shows 'what the command said' '^output *the same' \
    'io *ops_console'
keys NPage
result 'which can be scrolled' shows '^  1 alone' '^  2 alone'
keys 1 '<'
result '< goes back, both' shows 'both after\|no marker yet' \
    'exits 0 / 0\|beginning'
type_in 'run to marker'
resize 132 43
result 'in a wide window left and right' shows '1 full: code.*2 para: code' \
    '1 full: exits.*2 para: exits'
resize 80 24
keys +
result '+ gives the side that is looked at all the room' shows '2 para: exits'
keys -
type_in 'beside off'
result 'and one is left' shows '^ kernel-native.elf | full'
type_in 'diff'
result 'of which there is no diff' shows 'nothing beside this'
type_in 'beside hvm'
result 'another comes beside it' shows '^ 2 kernel-native | hvm' \
    'both after 1 marker'
type_in 'quit'
result 'and it ends well' shows 'left=0'

# --- What has been before there was a screen is seen in it.
printf 'exit cr3\nexit 10\n' > "$dir/setup"
debug 'LC_ALL=C NO_COLOR=1' "forkwait --setup $dir/setup"
result 'exits of the setup are in the list' shows '^ *27 cr3 ' '^> *30 '
type_in 'quit'
shows 'left=0'

# --- UTF-8; Ctrl-C; signals; the input's end.
debug 'LC_ALL=C.UTF-8' "--technique bare $dir/small.elf"
result 'UTF-8 draws lines' shows '─ code' 'count'
type_in 'step 2'
type_in 'books'
result 'and the bars of what commands say' view F12 '= clock  *[0-9,]*  █████'
type_in 'continue'
result 'a guest that runs is said to' shows 'RUNNING, Ctrl-C stops'
keys C-c
result 'Ctrl-C stops it, and the session lives' shows 'stopped by Ctrl-C' '=>'
terminal send-keys -l 'half a li'
keys C-c
result 'Ctrl-C drops a line' shows 'type a command'
keys C-d
result 'the end of input ends it' shows 'left=0'

# ends_by SIGNAL STATUS: it ends so, and the terminal is given back.
ends_by() {
    debug "sh -c 'echo \$\$ > $dir/pid; exec \"\$@\"' sh" \
        "--technique bare $dir/small.elf"
    shows '=>' || return 1
    kill "-$1" "$(cat "$dir/pid")"
    shows "left=$2" && shell_answers
}
result 'SIGTERM: the terminal is given back' ends_by TERM 143
result 'SIGHUP: likewise' ends_by HUP 129
result 'SIGABRT, as an assertion: likewise' ends_by ABRT 134

debug TERM=dumb "--technique bare $dir/small.elf"
result 'a terminal without addressing gets lines' shows 'no full screen' \
    '^(ringside)'
type_in quit
