#!/bin/sh
# Exceptions, gates, returns, paging, task switches, modes and debug registers,
# case by case: the same image on this processor, on QEMU and on Bochs must
# print the same lines. known.txt names the cases in which one of the two is
# known to differ, manual.txt what the manual wants there. Then: the clock and
# the output do not depend on how the instructions were run.
: "${BUILD:=build}"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
n=0
tap() { # status, what
    n=$((n + 1))
    [ "$1" -eq 0 ] && echo "ok $n - $2" || echo "not ok $n - $2"
}

skip() { # image, oracle, why
    n=$((n + 1))
    echo "ok $n - $1: as $2 # skip $3"
}

# Leave out the known cases, and compare what is left.
compare() { # image, whose lines
    sed '/^#/d' tests/cpu/known.txt |
        awk -F';' -v image="$1" -v who="$2" \
            '$1 == who && $2 == image { print "^" $3 ": what=" }' > "$dir/known"
    for who in "$2" ours; do
        grep -v -E -f "$dir/known" "$dir/$who" > "$dir/$who.same"
    done
    cmp -s "$dir/$2.same" "$dir/ours.same"
    tap $? "$1: $(wc -l < "$dir/ours.same") lines as $2's (< $2, > ours)"
    diff "$dir/$2.same" "$dir/ours.same" | sed 's/^/# /' | head -n 40
}

against_qemu() { # image
    if grep -q -F "qemu;$1;.*;" tests/cpu/known.txt; then
        skip "$1" qemu "all of it is in known.txt"
        return
    fi
    command -v qemu-system-i386 > "$dir/which" ||
        { skip "$1" qemu "no qemu-system-i386"; return; }
    timeout 60 qemu-system-i386 -cpu pentium3 -kernel "$dir/$1" \
        -display none -serial null -monitor none -no-reboot \
        -debugcon "file:$dir/qemu" \
        -device isa-debug-exit,iobase=0xf4,iosize=4 2> "$dir/qemu.err"
    compare "$1" qemu
}

against_bochs() { # image
    tests/cpu/run-bochs.sh "$dir/$1" > "$dir/bochs"
    if [ $? -eq 77 ]; then
        skip "$1" bochs "no bochs"
    else
        compare "$1" bochs
    fi
}

by_the_manual() { # image
    while IFS='|' read -r of name fields source; do
        [ "$of" = "$1" ] || continue
        grep -F "$name: what=" "$dir/ours" | grep -q -F "$fields"
        tap $? "$1, $name: $fields ($source)"
    done < tests/cpu/manual.txt
}

for image in events exceptions transfers paging tasks tasks16 debug breaks \
    vm86 vme real segments permissions permissions-pae \
    crossing align system pae; do
    nasm -I tests/cpu/ -f bin -o "$dir/$image" "tests/cpu/$image.asm" ||
        { tap 1 "$image: assembles"; continue; }
    timeout 60 "$BUILD/run_image" "$dir/$image" > "$dir/ours" 2> "$dir/clock"
    tap $? "$image: runs to its end"
    against_qemu "$image"
    against_bochs "$image"
    by_the_manual "$image"
    for how in --step --hooks; do
        timeout 60 "$BUILD/run_image" $how "$dir/$image" \
            > "$dir/again" 2> "$dir/clock.again"
        cmp -s "$dir/ours" "$dir/again" &&
            [ "$(sed 1q "$dir/clock")" = "$(sed 1q "$dir/clock.again")" ]
        tap $? "$image $how: the same output and clock"
    done
done
echo "1..$n"
