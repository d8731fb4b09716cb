# terminal.sh - ringside at a real terminal, tmux's: for tests that source it,
# with $dir set. What is asked of a screen is what it means.
#
#   terminal_open WHAT    a terminal of 80x24 with a shell in it; or skip
#   keys KEY..., type_in TEXT (and Enter), resize COLUMNS ROWS
#   shows TEXT..., shell_answers, lines_over N, debug ENVIRONMENT ARGUMENTS

server=ringside-$(basename "$0" .sh)-$$
terminal() { tmux -L "$server" -f /dev/null "$@"; }
: > "$dir/out"; : > "$dir/err"
. tests/term/guests.sh

# A container may have no pseudo-terminals (/dev/pts): nothing to test on.
terminal_open() {
    trap 'terminal kill-server 2> "$dir/gone"; rm -rf "$dir"' EXIT
    if ! command -v tmux > "$dir/out"; then
        echo "ok 1 - $1 # skip no tmux"
        exit 0
    fi
    if ! terminal new-session -d -x 80 -y 24 "env PS1='$ ' TERM=screen sh"; then
        echo "ok 1 - $1 # skip tmux opens none here"
        exit 0
    fi
    terminal set-option -g status off
    terminal set-option -g window-size manual
    resize 80 24
}
resize() { terminal resize-window -x "$1" -y "$2"; }
keys() { terminal send-keys "$@"; }
type_in() {
    terminal send-keys -l "$1"
    keys Enter
}
screen() { terminal capture-pane -p "$@"; }
# shows TEXT...: each appears on the screen within some seconds.
shows() {
    for i in $(seq 60); do
        screen > "$dir/out"
        missing=
        for text; do
            grep -q -e "$text" "$dir/out" || missing=$text
        done
        [ -z "$missing" ] && return 0
        sleep 0.1
    done
    echo "# no '$missing'"
    return 1
}
# A shell's prompt that answers is a terminal given back: it echoes.
shell_answers() {
    type_in "echo given-\$((40 + 2))"
    shows '^\$ echo given' 'given-42'
}
lines_over() { # no line on the screen is longer than that
    screen | awk -v most="$1" 'length($0) > most { bad = 1 } END { exit bad }'
}
debug() { type_in "clear; $1 $BUILD/ringside debug $2; echo left=\$?"; }
