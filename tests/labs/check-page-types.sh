#!/bin/sh
# Xen's rules of page types, written down twice: the monitor's, with counts
# (vmm/techniques/para/types.c), and a list of uses in a guest of lab 4
# (labs/4/include/model.c). Guests by chance: on a PC they print what the model
# says, under para what the monitor did.
: "${BUILD:=build}" "${MAKE:=make}"
n=0 seeds="101 102 103 104 105 106"
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

for g in entries types batch hostile stale; do
    n=$((n + 1)) bad=
    list=$(for s in $seeds; do echo "$BUILD/labs/4/guests/$g-$s.elf"; done)
    "$MAKE" -s LAB= BUILD="$BUILD" $list > /dev/null || bad=build
    for guest in $list; do
        for t in bare para; do
            "$BUILD/ringside" run "$guest" --memory 4 --technique $t \
                > "$tmp/$t" 2> /dev/null || bad="$bad $guest:$t"
        done
        grep -q '^tables ' "$tmp/bare" && cmp -s "$tmp/bare" "$tmp/para" ||
            bad="$bad $guest"
    done
    if [ -z "$bad" ]; then
        echo "ok $n - $g: the model and the monitor agree, seeds $seeds"
    else
        echo "not ok $n - $g:$bad"
    fi
done
echo "1..$n"
