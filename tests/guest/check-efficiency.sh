#!/bin/sh
# Efficiency, counted and not timed (Popek and Goldberg's second property): of
# 30,000 more innocuous instructions of a guest's program, all are run by the
# processor itself, under every technique but `emulate`; and of its kernel's,
# as many as the technique promises. What is counted is the difference between
# two runs of the same guest, so that nothing else is in it.
: "${BUILD:=build}"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
n=0
check() { # description, actual, expected
    n=$((n + 1))
    if [ "$2" = "$3" ]; then echo "ok $n - $1: $2"; else
        echo "not ok $n - $1: $2, expected $3"; fi
}
build() { # ring, rounds, file
    define=
    [ "$1" = user ] && define=-DUSER
    # shellcheck disable=SC2086
    nasm -f elf32 -Iguests/lib/ -Itests/guest/hostile/ $define "-DROUNDS=$2" -o "$dir/$1-$2.o" \
        "tests/guest/$3.asm" &&
        ld -m elf_i386 --no-warn-rwx-segments -Ttext=0x100000 -e _start \
            -o "$dir/$1-$2.elf" "$dir/$1-$2.o"
}
count() { # ring, rounds, technique: direct and interpreted
    "$BUILD/ringside" stat "$dir/$1-$2.elf" --technique "$3" --json --quiet |
        jq -r '"\(.instructions) \(.interpreted_instructions)"'
}
more() { # ring, technique: of 10,000 more rounds
    # shellcheck disable=SC2046
    set -- $(count "$1" 1000 "$2") $(count "$1" 11000 "$2")
    echo "$(($3 - $1)) direct, $(($4 - $2)) interpreted"
}

for ring in user kernel; do
    build $ring 1000 efficiency && build $ring 11000 efficiency || exit 1
done
direct='30000 direct, 0 interpreted'
played='0 direct, 30000 interpreted'
for technique in bare full hybrid translate hvm-shadow hvm; do
    check "a program under $technique" "$(more user $technique)" "$direct"
done
check "a program under emulate" "$(more user emulate)" "$played"
for technique in bare full hvm-shadow hvm; do
    check "a kernel under $technique" "$(more kernel $technique)" "$direct"
done
for technique in hybrid emulate; do
    check "a kernel under $technique" "$(more kernel $technique)" "$played"
done

# Translated, a loop's conditional branch is one, and a jump back at most.
# shellcheck disable=SC2046
set -- $(more kernel translate)
n=$((n + 1))
[ "$1" -ge 30000 ] && [ "$1" -le 40000 ] && [ "$3" -eq 0 ] ||
    printf 'not '
echo "ok $n - a kernel under translate, translated: $*"

for ring in user kernel; do
    build $ring 1000 efficiency-para && build $ring 11000 efficiency-para ||
        exit 1
    check "a para guest's $ring" "$(more $ring para)" "$direct"
done
