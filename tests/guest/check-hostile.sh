#!/bin/sh
# Guests that try to get out, each in its own way: tests/guest/hostile/*.asm.
# Each runs between two neighbours under each technique it is for, and is
# contained (hostile/contain.c says what that means). docs/ISOLATION.md has
# them all, with the rule that stops each.
: "${BUILD:=build}"
here=tests/guest/hostile
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
build() { # name
    nasm -f elf32 -Iguests/lib/ -I$here/ -o "$dir/$1.o" "$here/$1.asm" &&
        ld -m elf_i386 --no-warn-rwx-segments -Ttext=0x100000 -e _start \
            -o "$dir/$1.elf" "$dir/$1.o"
}
field() { # name, field
    sed -n "s/^; $2: //p" "$here/$1.asm"
}

# The arguments of contain: a guest, a technique and an end, of each.
set -- "$dir/neighbour.elf" "$BUILD/guests/para.elf"
build neighbour || exit 1
for source in "$here"/*.asm; do
    guest=$(basename "$source" .asm)
    [ "$guest" = neighbour ] && continue
    build "$guest" || exit 1
    for technique in $(field "$guest" under); do
        set -- "$@" "$dir/$guest.elf" "$technique" "$(field "$guest" ends)"
    done
done
"$BUILD/contain" "$@"

for source in "$here"/*-*.asm; do
    grep -q "^| .$(basename "$source" .asm). |" docs/ISOLATION.md ||
        echo "not ok - docs/ISOLATION.md has no $source"
done
