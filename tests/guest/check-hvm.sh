#!/bin/sh
# Hardware assist: kernels in guest mode, real mode and virtual-8086 mode
# included, print under hvm and hvm-shadow what they print on the bare machine;
# and beside guests of other techniques too.
: "${BUILD:=build}"
n=0
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
tap() { # status, what
    n=$((n + 1))
    [ "$1" -eq 0 ] && echo "ok $n - $2" || echo "not ok $n - $2"
}

for guest in popf-lies page-fault ring-change cli-sti vm86 triple-fault \
    sgdt-tells big-real boot-modes kernel-native; do
    "$BUILD/ringside" run $guest --technique bare > "$dir/bare" 2> "$dir/err"
    for technique in hvm-shadow hvm; do
        timeout 60 "$BUILD/ringside" run $guest --technique $technique \
            > "$dir/out" 2> "$dir/err"
        cmp -s "$dir/bare" "$dir/out"
        tap $? "$guest under $technique: the bare machine's output"
    done
done
timeout 100 "$BUILD/ringside" run cli-sti@hvm cli-sti@full cli-sti@hvm-shadow \
    para@para > "$dir/out" 2> "$dir/err"
[ "$(grep -c 'the guest said success' "$dir/err")" -eq 4 ]
tap $? "hvm, full, hvm-shadow and para on one machine"
echo "1..$n"
