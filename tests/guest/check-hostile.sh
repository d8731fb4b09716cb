#!/bin/sh
# Guests that try to get out, each in its own way: tests/guest/hostile/*.asm.
# Each runs between two neighbours under each technique it is for, and is
# contained (hostile/contain.c says what that means). docs/ISOLATION.md has
# them all, with the rule that stops each.
: "${BUILD:=build}"
here=tests/guest/hostile
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
n=0
tap() { # status, what
    n=$((n + 1))
    [ "$1" -eq 0 ] && echo "ok $n - $2" || echo "not ok $n - $2"
}
build() { # name
    nasm -f elf32 -Iguests/lib/ -I$here/ -o "$dir/$1.o" "$here/$1.asm" &&
        ld -m elf_i386 --no-warn-rwx-segments -Ttext=0x100000 -e _start \
            -o "$dir/$1.elf" "$dir/$1.o"
}
field() { # name, field
    sed -n "s/^; $2: //p" "$here/$1.asm"
}

build neighbour || tap 1 "the neighbour assembles"
for source in "$here"/*.asm; do
    guest=$(basename "$source" .asm)
    case "$guest $HOSTILE" in
    neighbour*) continue ;;
    *" ") ;;
    *" $guest") ;;
    *) continue ;;
    esac
    build "$guest" || { tap 1 "$guest: assembles"; continue; }
    ends=$(field "$guest" ends)
    for technique in $(field "$guest" under); do
        timeout 120 "$BUILD/contain" "$dir/$guest.elf" "$technique" "$ends" \
            "$dir/neighbour.elf" "$BUILD/guests/para.elf" > "$dir/why" 2>&1
        tap $? "$guest under $technique: contained"
        sed 's/^[^#]/# &/' "$dir/why" | head -n 60
    done
done
