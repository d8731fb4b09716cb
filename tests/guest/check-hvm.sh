#!/bin/sh
# Hardware assist: kernels in guest mode, real mode and virtual-8086 mode
# included, print under hvm and hvm-shadow what they print on the bare machine;
# so do the images that QEMU and the bare machine agree on, made of what is
# hard for a processor; and beside guests of other techniques too.
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

run() { # image, technique
    timeout 120 "$BUILD/ringside" run "$dir/$1.image" --quiet \
        --limit 20000000000 --technique "$2" > "$dir/$2" 2> "$dir/err"
}
# VMRUN wants the guest's EFER.SVME set (APM volume 2, 15.5.1). So in ring 3
# the guest mode instructions are #GP(0), where a processor without has #UD;
# in ring 0 they are intercepted, and #UD again. Six lines, and "failed".
ring_3_has_svme() { # image, technique
    line="ring 3: what is privileged faults with #GP(0) at "
    [ "$1" = insn-system ] && [ "$(grep -c "^$line" "$dir/$2")" -eq 6 ] &&
        [ "$(grep -c -v "^$line" "$dir/$2")" -eq 1 ]
}
true > "$dir/diff"
for source in tests/guest/full-*.asm tests/cpu/*.asm tests/insn/*.asm; do
    folder=$(basename "$(dirname "$source")")
    image=$folder-$(basename "$source" .asm)
    case $image in
    cpu-bochs-rom) continue ;; # no image, but what starts them
    cpu-segments | cpu-tasks16) continue ;; # long, and like the others
    esac
    nasm -I tests/cpu/ -I "tests/$folder/" -f bin \
        -o "$dir/$image.image" "$source" ||
        { tap 1 "$image: assembles"; continue; }
    run "$image" bare
    for technique in hvm-shadow hvm; do
        case $image-$technique in
        *pae-hvm-shadow) continue ;; # shadows have two levels
        insn-*-hvm-shadow) continue ;; # not about paging: once is enough
        esac
        run "$image" $technique
        ring_3_has_svme "$image" $technique ||
            { [ -s "$dir/bare" ] && diff "$dir/bare" "$dir/$technique"; } \
                > "$dir/diff"
        tap $? "$image: $(wc -l < "$dir/bare") lines under $technique"
        head -n 10 "$dir/diff" | sed 's/^/# /'
    done
done

timeout 100 "$BUILD/ringside" run cli-sti@hvm cli-sti@full cli-sti@hvm-shadow \
    para@para > "$dir/out" 2> "$dir/err"
[ "$(grep -c 'the guest said success' "$dir/err")" -eq 4 ]
tap $? "hvm, full, hvm-shadow and para on one machine"
echo "1..$n"
