#!/bin/sh
# The screens in docs/DEBUGGER.md, made anew from the real program: what stands
# between its lines "<!-- screen KEYS... -->" and "<!-- end -->" is replaced by
# what the debugger shows after those keys. Needs tmux and a build.
#
#   docs/screens.sh [FILE]     default: docs/DEBUGGER.md, in place
: "${BUILD:=build}"
file=${1:-docs/DEBUGGER.md}
server=ringside-docs-$$
terminal() { tmux -L "$server" -f /dev/null "$@"; }
trap 'terminal kill-server 2> /dev/null; rm -f "$file.new"' EXIT

# show SIZE GUEST KEY...: GUEST with + for blanks may have options; keys are tmux's names; a word with _ for blanks is
# typed as a command.
show() {
    columns=${1%x*} rows=${1#*x} guest=$(echo "$2" | tr + ' ')
    shift 2
    terminal new-session -d -x "$columns" -y "$rows" \
        "env LC_ALL=C.UTF-8 NO_COLOR=1 TERM=screen $BUILD/ringside debug $guest"
    terminal set-option -g status off
    terminal resize-window -x "$columns" -y "$rows"
    sleep 0.7
    for key; do
        case $key in
        *_*) terminal send-keys -l "$(echo "$key" | tr _ ' ')"
             terminal send-keys Enter ;;
        *) terminal send-keys "$key" ;;
        esac
        sleep 0.4
    done
    terminal capture-pane -p | sed 's/ *$//; s/^/    /; s/^    $//'
    terminal kill-server
    sleep 0.2
}

# tell "ARGUMENTS | COMMAND...": the arguments' words are ringside's.
tell() {
    arguments=${1%%|*}
    echo "${1#*|}" | tr '|' '\n' | sed 's/^ *//; s/ *$//' > "$file.batch"
    # shellcheck disable=SC2086
    "$BUILD/ringside" debug $arguments --batch "$file.batch" |
        sed -n '/^(ringside)/,$p' | sed 's/ *$//; s/^/    /; s/^    $//'
    rm -f "$file.batch"
}

while IFS= read -r line; do
    case $line in
    '<!-- plain '*)
        echo "$line"
        echo
        tell "$(echo "$line" | sed 's/<!-- plain //; s/ -->//')"
        echo
        inside=yes ;;
    '<!-- screen '*)
        echo "$line"
        echo
        # shellcheck disable=SC2046,SC2086
        show $(echo "$line" | sed 's/<!-- screen //; s/ -->//') < /dev/null
        echo
        inside=yes ;;
    '<!-- end -->')
        inside=
        echo "$line" ;;
    *)
        [ "$inside" ] || printf '%s\n' "$line" ;;
    esac
done < "$file" > "$file.new" && cp "$file.new" "$file"
