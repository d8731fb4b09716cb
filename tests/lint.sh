#!/bin/sh
# What `make lint` does after the compilers: the house's own rules, the
# format, and the analysers. Prints each finding; fails if there was any.
#
#   tests/lint.sh rules     includes run one way; READING.md's files exist
#   tests/lint.sh format    clang-format would change nothing
#   tests/lint.sh cppcheck  \ the analysers
#   tests/lint.sh tidy      /
set -u
bad=0

# Complain about line $1 and go on.
finding() { echo "lint: $1"; bad=1; }

# cpu <- devices <- vmm <- debugger: a folder includes what is left of it,
# and of another folder only that folder's public header or table (.def).
rules() {
    for folder in cpu devices vmm debugger; do
        case $folder in
        cpu) may='' ;;
        devices) may='cpu' ;;
        vmm) may='cpu devices' ;;
        debugger) may='cpu devices vmm' ;;
        esac
        grep -rn '^ *# *include *"' $folder --include='*.[ch]' |
            grep -E '"(\.\./)+(cpu|devices|vmm|debugger|guests|labs|tests)/' |
            while IFS=: read -r file line text; do
                target=${text#*\"} target=${target%\"*}
                target=$(echo "$target" | sed 's|^\(\.\./\)*||')
                to=${target%%/*}
                [ "$to" = "$folder" ] && continue
                case " $may " in
                *" $to "*) ;;
                *)
                    # A table of facts is not code.
                    case $target in *.def) continue ;; esac
                    echo "$file:$line: $folder must not include $target"
                    continue
                    ;;
                esac
                case $target in
                "$to/$to.h" | *.def) ;;
                *) echo "$file:$line: $target is private to $to" ;;
                esac
            done
    done > "$tmp"
    [ -s "$tmp" ] && { cat "$tmp"; finding "the include lines break the order"; }

    grep -oE '`[a-zA-Z0-9_./-]+/[a-zA-Z0-9_.-]*`' docs/READING.md 2>/dev/null |
        tr -d '`' | sort -u | while read -r file; do
        case $file in build/*) continue ;; esac
        [ -e "$file" ] || echo "docs/READING.md names $file: no such file"
    done > "$tmp"
    [ -s "$tmp" ] && { cat "$tmp"; finding "docs/READING.md is out of date"; }
}

format() {
    git ls-files '*.c' '*.h' | xargs clang-format --dry-run -Werror 2> "$tmp"
    [ -s "$tmp" ] && { grep warning: "$tmp" | head -n 20
                       grep error: "$tmp" | head -n 20
                       finding "run clang-format -i on these files"; }
}

check_cppcheck() {
    # It does not see that raise_fault() never returns: two checks are off.
    cppcheck --quiet --std=c11 --inline-suppr --error-exitcode=1 -j2 \
        --enable=warning,performance,portability \
        --suppress=missingIncludeSystem --suppress=preprocessorErrorDirective \
        --suppress=zerodivcond --suppress=nullPointerRedundantCheck \
        -Icpu cpu devices vmm debugger > "$tmp" 2>&1
    [ $? -ne 0 ] && { cat "$tmp"; finding "cppcheck"; }
}

check_tidy() {
    git ls-files 'cpu/*.c' 'devices/*.c' 'vmm/*.c' 'debugger/*.c' |
        xargs -P2 -n4 sh -c 'clang-tidy --quiet "$@" -- -std=c11 \
            -D_DEFAULT_SOURCE -Icpu 2>/dev/null' tidy > "$tmp"
    grep -qE '(warning|error):' "$tmp" && {
        grep -E '(warning|error):' "$tmp" | sort -u | head -n 40
        finding "clang-tidy"; }
}

tmp=$(mktemp) || exit 1
trap 'rm -f "$tmp"' EXIT
for what in "${@:-rules}"; do
    case $what in
    rules) rules ;;
    format) format ;;
    cppcheck) check_cppcheck ;;
    tidy) check_tidy ;;
    *) finding "no such check '$what'" ;;
    esac
done
exit $bad
