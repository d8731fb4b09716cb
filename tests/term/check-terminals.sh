#!/bin/sh
# The debugger at every kind of terminal: what TERM may say, light and dark,
# sizes that change, ways to end; and the plain one's line, history and
# completion.
: "${BUILD:=build}"
dir=$(mktemp -d) || exit 1
. tests/term/terminal.sh
guest small 'mov eax, 1
count:  inc eax
        jmp count'
terminal_open 'kinds of terminal'
leave() { type_in quit && shows 'left=0' && shell_answers; }

# --- What TERM says: the same panes, and keys that work.
for t in vt100 linux xterm-256color; do
    if ! infocmp $t > "$dir/out" 2> "$dir/err"; then
        result "TERM=$t # skip no such entry" true
        continue
    fi
    debug "LC_ALL=C TERM=$t" 'forkwait --technique hvm-shadow'
    at_work() {
        shows 'hvm-shadow | virtual ring 0' '=>' || return 1
        keys Right
        shows '(ringside) exit' 'exit 1 |' || return 1
        keys F8
        shows '(ringside) view control' 'EXITCODE' || return 1
        keys Left
        shows 'exit 0 |' && leave
    }
    result "TERM=$t: arrows and function keys, and the shell again" at_work
done

# --- Light and dark: the background is the terminal's own, and each colour
# has a contrast of 3 to black and to white (W3C's formula; xterm's colours).
readable() {
    screen -e | tr '\033' '\n' | sed -n 's/^\[\([0-9;]*\)m.*/\1/p' |
        sort -u | awk -F ';' '
        function linear(v) {
            v /= 255
            return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ^ 2.4
        }
        function check(r, g, b, what,   l) {
            l = 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
            n++
            if ((l + 0.05) / 0.05 < 3 || 1.05 / (l + 0.05) < 3) {
                print "# colour " what " is not read on light and dark"
                bad = 1
            }
        }
        function level(v) { return v ? 55 + 40 * v : 0 }
        {
            for (i = 1; i <= NF; i++) {
                if ($i == 38 && $(i + 1) == 5) {
                    c = $(i + 2) - 16
                    check(level(int(c / 36)), level(int(c / 6) % 6),
                        level(c % 6), $(i + 2))
                    i += 2
                } else if ($i >= 30 && $i <= 37) {
                    c = $i - 30
                    check(205 * (c % 2), 205 * (int(c / 2) % 2),
                        c >= 4 ? 205 : 0, $i)
                } else if ($i >= 40 && $i <= 48 || $i >= 100) {
                    print "# a background of its own: " $i
                    bad = 1
                }
            }
        }
        END { if (!n) print "# no colour at all"; exit bad || !n }'
}
for t in linux xterm-256color; do
    debug "LC_ALL=C TERM=$t" 'forkwait --technique full'
    shows '=>'
    type_in 'exit 100 shadow-fill'
    keys 3
    shows 'in sync'
    result "TERM=$t: colours for light and for dark" readable
    leave > "$dir/err"
done
type_in "clear; LC_ALL=C TERM=xterm-256color $BUILD/ringside debug --plain popf-lies --technique full"
type_in 'step 3'
type_in 'regs'
shows 'eflags'
result 'in the plain face, too' readable
type_in 'quit'
debug 'LC_ALL=C NO_COLOR=1 TERM=xterm-256color' 'forkwait'
shows '=>'
keys Right
shows 'exit 1 |'
result 'NO_COLOR: none, of 256 either' eval '! readable > "$dir/err"'
leave > "$dir/err"

# --- Sizes that change while a guest runs.
debug 'LC_ALL=C' "--technique bare $dir/small.elf"
shows '=>'
type_in 'continue'
shows 'RUNNING'
resize 132 43
result 'a resize while a guest runs' shows 'RUNNING' 'the guest has it all\|rings'
for size in '1 1' '20 3' '200 60' '30 6' '80 24'; do
    resize $size
    sleep 0.05
done
result 'and many of them' shows 'RUNNING' 'code: => next'
keys C-c
result 'then Ctrl-C stops it' shows 'stopped by Ctrl-C' '=>'
keys C-z
stopped() { shows 'left=148' && shell_answers; }
result 'Ctrl-Z gives the terminal back' stopped
type_in 'fg'
result 'and fg takes it again, with all that was there' shows '=>' 'registers'
leave > "$dir/err"

# --- Ways to end.
ends_by() {
    debug "sh -c 'echo \$\$ > $dir/pid; exec \"\$@\"' sh" \
        "$3 --technique bare $dir/small.elf"
    shows "${4:-=>}" || return 1
    kill "-$1" "$(cat "$dir/pid")"
    shows "left=$2" && shell_answers
}
for s in 'TERM 143' 'QUIT 131' 'SEGV 139'; do
    set -- $s
    result "SIG$1: the terminal is given back" ends_by $1 $2
done
result 'SIGTERM, line by line' ends_by TERM 143 --plain '^(ringside)'
debug "sh -c 'echo \$\$ > $dir/pid; exec \"\$@\"' sh" \
    "--technique bare $dir/small.elf"
shows '=>'
type_in 'continue'
shows 'RUNNING'
kill -INT "$(cat "$dir/pid")"
result 'SIGINT from elsewhere is as Ctrl-C: nothing is lost' shows \
    'stopped by Ctrl-C' '=>'
type_in 'continue'
shows 'RUNNING'
kill -TERM "$(cat "$dir/pid")"
ended() { shows 'left=143' && shell_answers; }
result 'SIGTERM while a guest runs' ended

# --- Line by line: completion of all that can be, history over sittings.
plain() {
    type_in "clear; RINGSIDE_HISTORY=$dir/history $BUILD/ringside debug --plain $1"
    shows '^(ringside)'
}
# completes TYPED FULL: Tab makes it so.
completes() {
    terminal send-keys -l "$1"
    keys Tab
    shows "(ringside) $2"
    set -- $?
    keys C-u
    return $1
}
plain 'forkwait --technique full'
result 'completion: a command' completes 'rcon' 'rcontinue'
result 'a symbol of the guest' completes 'break ops_load_d' \
    'break ops_load_directory'
result 'a register' completes 'print efl' 'print eflags'
result 'a field of exits, in a condition' completes 'exit if dispo' \
    'exit if disposition'
result 'and a reason in one' completes 'exit if reason=shadow' \
    'exit if reason=shadow-fill'
result 'a reason' completes 'exit shadow' 'exit shadow-fill'
result 'a technique' completes 'beside hvm-' 'beside hvm-shadow'
result 'a command, for help' completes 'help apr' 'help apropos'
result 'a view' completes 'view anat' 'view anatomy'
type_in 'exit cr3'
shows 'exit [0-9]*: cr3'
type_in 'quit'
shows '^\$'
plain 'forkwait --technique full'
keys C-r
terminal send-keys -l 'it cr3'
result 'history is kept for the next time, and can be searched' shows \
    "i-search)\`it cr3': exit cr3"
keys C-g C-u Up Up
result 'and gone through' shows '(ringside) exit cr3'
keys C-u
keys C-d
left() { shows '^\$ *$' && shell_answers; }
result 'Ctrl-D leaves' left

# --- The tour, to its end, with a step of one's own in between.
debug 'LC_ALL=C' 'forkwait --technique full'
shows '=>'
tour() {
    for i in 1 2 3 4 5 6 7 8 9 10; do
        type_in 'tour'
        shows "^$i of 10\\." || return 1
        [ $i -ne 4 ] || type_in 'step'
    done
    type_in 'tour'
    shows 'That was the tour'
}
result 'the tour, all ten steps' tour
leave > "$dir/err"
