#!/bin/sh
# Popek and Goldberg's first property, on programs that nobody thought of:
# random kernel and user code, privileged, sensitive and faulting, changing
# its page tables, its descriptors and itself, interrupted at instructions of
# its own choice, does on the virtual machine what it does on the bare one, to
# the last register, page-table bit and descriptor that it can see
# (random.inc; what it is made of: random.txt).
#
# `translate` and `hybrid` run user code directly on a processor that has
# critical instructions; for them those are left out of user code. `para` runs
# no unmodified guest: what it must do is in tests/unit/test_para*.c.
#
# Of programs that differ, the first is made as small as it gets, and both
# states are shown. COUNT programs share an image, SEED makes it:
#
#   N=10000 SEED=1 COUNT=300 tests/guest/check-random.sh
: "${BUILD:=build}" "${SEED:=1}" "${COUNT:=300}" "${N:=900}"
words=26                # RECORD_WORDS
n=0
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

# make_guest SEED HONEST DROP. The guests' linker is the one that the build
# has found.
make_guest() {
    awk -v seed="$1" -v count="$COUNT" -v honest="$2" -v drop="$3" \
        -f tests/guest/random.awk tests/guest/random.txt > "$dir/random.asm" &&
        nasm -f elf32 -Itests/guest/ -Iguests/lib/ "$dir/random.asm" \
            -o "$dir/random.o" 2> "$dir/errors" &&
        ld -m elf_i386 -z noexecstack -Ttext=0x100000 -e _start \
            "$dir/random.o" -o "$dir/random.elf" 2> "$dir/errors"
}

run() { # technique
    "$BUILD/ringside" run "$dir/random.elf" --technique "$1" --quiet \
        --limit 20G > "$dir/$1" 2> "$dir/errors"
    echo "status $?" >> "$dir/$1"
}
records() { echo $(($(wc -c < "$dir/$1") / (4 * words))); }
record_of_difference() { # technique
    at=$(cmp "$dir/bare" "$dir/$1" 2> /dev/null | sed 's/.*byte \([0-9]*\).*/\1/')
    echo $(((${at:-1} - 1) / (4 * words)))
}

# --------------------------------------------------------------- made small

# fails DROP: does the program without these still differ?
fails() {
    make_guest "$seed" "$honest" "$1" || return 1
    run bare
    run "$technique"
    ! cmp -s "$dir/bare" "$dir/$technique"
}

# Leave out whatever of the list can go, in pieces that get smaller.
without() { # names
    pieces=2
    total=$(echo "$1" | wc -w)
    [ "$total" -eq 0 ] && return
    left=$1
    if fails "$drop$left "; then
        drop="$drop$left "
        return
    fi
    while :; do
        size=$(((total + pieces - 1) / pieces))
        kept='' rest=$left
        while [ -n "$rest" ]; do
            piece=$(echo "$rest" | cut -d' ' -f1-"$size")
            rest=$(echo "$rest" | cut -s -d' ' -f$((size + 1))-)
            if fails "$drop$piece "; then
                drop="$drop$piece "
            else
                kept="$kept $piece"
            fi
        done
        left=${kept# }
        [ "$size" -eq 1 ] || [ -z "$left" ] && return
        pieces=$((pieces * 2))
    done
}

# Show the smallest that still differs: the snippets, then both states.
shrink() {
    at=$(record_of_difference "$technique")
    drop=' '
    fails "$(seq -s ' ' -f ' %g' $((at + 1)) $((COUNT - 1))) " &&
        drop="$(seq -s ' ' -f ' %g' $((at + 1)) $((COUNT - 1))) "
    [ "$at" -gt 0 ] && without "$(seq -s ' ' 0 $((at - 1)))"
    for snippet in $(grep -o '^s[0-9]*' "$dir/random.asm" | tr -d s); do
        without "$(seq -s ' ' -f "$snippet.%g" 1 6)"
    done
    fails "$drop"
    record=$(record_of_difference "$technique")
    echo "seed $seed, honest $honest, $technique: record $record differs"
    for who in bare "$technique"; do
        dd if="$dir/$who" bs=$((4 * words)) skip="$record" count=1 \
            2> "$dir/errors" | od -An -v -tx4 -w32 | sed "s/^/$who: /"
    done
    sed -n '/^s[0-9]*:/,/int 0x81/p' "$dir/random.asm"
}

# --------------------------------------------------------------- all of it

# compare SEED HONEST TECHNIQUE...
compare() {
    seed=$1 honest=$2
    shift 2
    if ! make_guest "$seed" "$honest" ''; then
        n=$((n + 1))
        echo "not ok $n - seed $seed: it does not assemble"
        sed 's/^/# /' "$dir/errors" | head -n 5
        return
    fi
    for who in bare "$@"; do
        run "$who"
    done
    # A program may do itself in, and on both machines alike; but not at once.
    ran=$(records bare) differs=''
    for technique in "$@"; do
        n=$((n + 1))
        if cmp -s "$dir/bare" "$dir/$technique" && [ "$ran" -ge 50 ]; then
            echo "ok $n - seed $seed: $ran programs, $technique as bare"
        else
            echo "not ok $n - seed $seed: $technique differs, or ends too soon"
            differs="$differs $technique"
        fi
    done
    programs=$((programs + ran))
    for technique in $differs; do
        run bare # the last shrinking left another
        make_guest "$seed" "$honest" '' && run bare && run "$technique"
        shrink 2>&1 | head -n 60 | sed 's/^/# /'
    done
}

critical='full emulate hvm-shadow hvm'
honest_too='full emulate translate hybrid hvm-shadow hvm'

programs=0
while [ "$programs" -lt "$N" ]; do
    # shellcheck disable=SC2086 # words
    compare "$SEED" 0 $critical
    # shellcheck disable=SC2086
    compare "$SEED" 1 $honest_too
    SEED=$((SEED + 1))
done
echo "# $programs programs"
echo "1..$n"
