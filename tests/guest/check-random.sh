#!/bin/sh
# Popek and Goldberg's first property, on programs that nobody thought of:
# random kernel and user code, privileged, sensitive and faulting, does on
# the virtual machine what it does on the bare one, to the last register,
# page-table bit and descriptor that it can see (random.inc).
#
# `translate` and `hybrid` run user code directly on a processor that has
# critical instructions; for them those are left out of user code.
#
#   SEEDS="1 2 3" COUNT=400 tests/guest/check-random.sh
: "${BUILD:=build}" "${SEEDS:=1 2 3 4 5 6}" "${COUNT:=300}"
words=26                # RECORD_WORDS
n=0
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

# The guests' linker is the one that the build has found.
make_guest() {
    awk -v seed="$1" -v count="$COUNT" -v honest="$2" -f tests/guest/random.awk \
        tests/guest/random.txt > "$dir/random.asm" &&
        nasm -f elf32 -Itests/guest/ -Iguests/lib/ "$dir/random.asm" \
            -o "$dir/random.o" 2> "$dir/errors" &&
        ld -m elf_i386 -z noexecstack -Ttext=0x100000 -e _start \
            "$dir/random.o" -o "$dir/random.elf" 2> "$dir/errors"
}

# Show the first snippet after which two runs differ, or the last.
show() {
    tail -n 2 "$dir/errors"
    at=$(cmp "$dir/bare" "$dir/$1" 2>&1 | sed 's/.*byte \([0-9]*\).*/\1/')
    : "${at:=$(wc -c < "$dir/bare")}"
    record=$(((at - 1) / (4 * words)))
    echo "record $record, word $(((at - 1) / 4 % words)):"
    for run in bare "$1"; do
        dd if="$dir/$run" bs=$((4 * words)) skip=$record count=1 \
            2> "$dir/errors" | od -An -v -tx4 -w32 | sed "s/^/$run /"
    done
    sed -n "/^s$record:/,/int 0x81/p" "$dir/random.asm"
}

# compare SEED HONEST TECHNIQUE...
compare() {
    seed=$1 honest=$2
    shift 2
    if ! make_guest "$seed" "$honest"; then
        n=$((n + 1))
        echo "not ok $n - seed $seed: it does not assemble"
        sed 's/^/# /' "$dir/errors" | head -n 5
        return
    fi
    for technique in bare "$@"; do
        "$BUILD/ringside" run "$dir/random.elf" --technique "$technique" \
            --quiet --limit 20G > "$dir/$technique" 2> "$dir/errors"
        echo "status $?" >> "$dir/$technique"
    done
    # A program may do itself in, and on both machines alike; but not at once.
    done=$(($(wc -c < "$dir/bare") / (4 * words)))
    for technique in "$@"; do
        n=$((n + 1))
        if cmp -s "$dir/bare" "$dir/$technique" && [ $done -ge 50 ]; then
            echo "ok $n - seed $seed: $done snippets, $technique as bare"
        else
            echo "not ok $n - seed $seed: $technique differs, or ends too soon"
            show "$technique" 2>&1 | head -n 40 | sed 's/^/# /'
        fi
    done
}

for seed in $SEEDS; do
    compare "$seed" 0 full emulate
    compare "$seed" 1 translate hybrid
done
echo "1..$n"
