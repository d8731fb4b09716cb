#!/bin/sh
# The hostile guests (check-hostile.sh) in guest mode, each between a full and
# a para neighbour on one machine: the neighbours say what they say alone, and
# a guest that comes to an end says what it says on the bare machine. In a
# build with audits, control blocks and nested tables are looked over after
# every exit.
: "${BUILD:=build}"
here=tests/guest/hostile
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
build() { # name
    nasm -f elf32 -Iguests/lib/ -I$here/ -o "$dir/$1.o" "$here/$1.asm" &&
        ld -m elf_i386 --no-warn-rwx-segments -Ttext=0x100000 -e _start \
            -o "$dir/$1.elf" "$dir/$1.o"
}
run() { "$BUILD/ringside" run --quiet --limit 300M "$@" 2> "$dir/err"; }
said() { sed -n "s/^$1| //p" "$dir/all"; } # of several guests, one
lines() { awk 1; }                         # the last one ended, too

build neighbour || exit 1
cp "$BUILD/guests/para.elf" "$dir/para.elf"
run "$dir/neighbour.elf" --technique full | lines > "$dir/full-alone"
run "$dir/para.elf" --technique para | lines > "$dir/para-alone"
[ -s "$dir/full-alone" ] && [ -s "$dir/para-alone" ] || exit 1
n=0
for source in "$here"/*.asm; do
    guest=$(basename "$source" .asm)
    case $guest in neighbour | para-*) continue ;; esac
    build "$guest" && mv "$dir/$guest.elf" "$dir/hostile.elf" || exit 1
    ends=$(sed -n 's/^; ends: //p' "$source")
    run "$dir/hostile.elf" --technique bare | lines > "$dir/bare"
    for technique in hvm-shadow hvm; do
        n=$((n + 1))
        run "$dir/neighbour.elf@full" "$dir/hostile.elf@$technique" \
            "$dir/para.elf@para" > "$dir/all"
        status=$?
        said "neighbour.elf@full" | cmp -s - "$dir/full-alone" &&
            said "para.elf@para" | cmp -s - "$dir/para-alone" &&
            [ $status -lt 125 ] && { [ "$ends" != success ] ||
            said "hostile.elf@$technique" | cmp -s - "$dir/bare"; }
        [ $? = 0 ] || printf 'not '
        echo "ok $n - $guest under $technique: contained, status $status"
    done
done
echo "1..$n"
