#!/bin/sh
# The commands at a real terminal: prompt, history, completion, Ctrl-C,
# colour and NO_COLOR.
: "${BUILD:=build}"
if ! command -v tmux > /dev/null; then
    echo "ok 1 - the debugger at a terminal # skip no tmux"
    exit 0
fi
dir=$(mktemp -d) || exit 1
server=ringside-$$
terminal() { tmux -L "$server" -f /dev/null "$@"; }
trap 'terminal kill-server 2> "$dir/gone"; rm -rf "$dir"' EXIT
: > "$dir/out"; : > "$dir/err"
. tests/term/guests.sh
guest small 'mov eax, 1
count:  inc eax
        jmp count'

# A container may have no pseudo-terminals (/dev/pts): nothing to test on.
if ! terminal new-session -d -x 80 -y 40 "env PS1='$ ' TERM=screen sh"; then
    echo "ok 1 - the debugger at a terminal # skip tmux opens none here"
    exit 0
fi
terminal set-option -g history-limit 5000 2> "$dir/err"
# type_in TEXT KEY...: the text as it is, then keys by their names.
type_in() {
    terminal send-keys -l "$1"
    shift
    [ $# -eq 0 ] || terminal send-keys "$@"
}
screen() { terminal capture-pane -p "$@"; }
# shows TEXT: it appears on the screen within some seconds.
shows() {
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        screen > "$dir/out"
        grep -q -e "$1" "$dir/out" && return 0
        sleep 0.5
    done
    return 1
}

type_in "$BUILD/ringside debug --plain --technique bare $dir/small.elf" Enter
result 'the prompt appears' shows '^(ringside)'
type_in 'ste' Tab Enter
result 'a command is completed' shows '(ringside) step'
type_in '' Enter
result 'an empty line repeats it' shows 'count: inc eax'
type_in 'break cou' Tab Enter
result 'a symbol is completed' shows '1  [0-9a-f]* count'
type_in 'nonsense' Enter
result 'a mistyped command loses nothing' shows "no command 'nonsense'"
type_in 'half a li'
shows 'half a li' # a terminal drops what is not read yet
type_in '' C-c
result 'Ctrl-C at the prompt drops the line' shows 'half a li^C'
type_in 'delete' Enter
type_in 'continue' Enter
sleep 1
type_in '' C-c
result 'Ctrl-C stops the guest' shows 'stopped by Ctrl-C'
type_in '' Up Up Enter
result 'history works, and the session lives' shows 'no breakpoints'
type_in 'quit' Enter
type_in 'echo left=$?' Enter
result 'quit leaves with status 0' shows 'left=0'

type_in clear Enter
type_in "$BUILD/ringside debug --plain ring-change" Enter
shows '^(ringside) *$' # what is typed before is the shell's
type_in 'list ring-ch' Tab '2' Tab Tab
result 'a source file is completed, and its lines' \
    shows 'ring-change.asm:2[0-9]  *ring-change.asm:2[0-9]'
type_in '0' Enter
result 'and listed' shows '^ *20 '
type_in 'quit' Enter

type_in clear Enter
type_in "$BUILD/ringside run --technique bare $dir/small.elf" Enter
sleep 2
type_in '' C-c
result 'Ctrl-C ends run' shows 'interrupted'
type_in 'echo run=$?' Enter
result 'with status 130' shows 'run=130'

type_in clear Enter
type_in "$BUILD/ringside stat --technique bare $dir/small.elf" Enter
result 'a long run shows how far it is' shows 'million cycles'
type_in '' C-c
result 'and its tables when it is interrupted' shows 'no exits'

type_in clear Enter
type_in "$BUILD/ringside explain popf" Enter
coloured() { shows 'POPF' && screen -e | grep -q "$(printf '\033\\[1m')"; }
result 'a terminal gets colour' coloured
type_in clear Enter
type_in "NO_COLOR=1 $BUILD/ringside explain popf" Enter
plain() { shows 'POPF' && ! screen -e | grep 'POPF' | grep -q "$(printf '\033')"; }
result 'NO_COLOR is kept' plain
