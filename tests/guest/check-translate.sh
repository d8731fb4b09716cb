#!/bin/sh
# A kernel that is translated does what it does on the bare machine: every
# image that prints what it sees of the processor, under `translate`. What a
# program in ring 3 sees by a critical instruction it sees under any technique
# that runs it directly on `classic`; those cases are named here (of the lines
# that try LAR, LSL, VERR or VERW from each ring, the last four letters). And
# no critical instruction of the kernel is left for the detector to find.
: "${BUILD:=build}"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
n=0
tap() { # status, what
    n=$((n + 1))
    [ "$1" -eq 0 ] && echo "ok $n - $2" || echo "not ok $n - $2"
}

cat > "$dir/known" << 'EOF'
segments of an LDT:
popf with IOPL 3 sets IF, not IOPL:
smsw, sldt and str do not trap:
iret of ring 3 with VM set: ignored:
 in ring 3, conforming handler:
PVI: pushf:
EOF

run() { # image, technique, options
    image=$1 technique=$2
    shift 2
    timeout 120 "$BUILD/ringside" run "$dir/$image.image" --quiet "$@" \
        --technique "$technique" --limit 20000000000 \
        > "$dir/$technique" 2> "$dir/$technique.err"
    echo "status $?" >> "$dir/$technique"
}

for source in tests/guest/full-*.asm tests/cpu/*.asm tests/insn/*.asm; do
    image=$(basename "$source" .asm)
    case $image in
    bochs-rom | tasks16) continue ;; # no images of their own
    *pae) continue ;;                # shadows have two levels
    system) continue ;;              # mostly critical instructions, in ring 3
    esac
    nasm -I tests/cpu/ -I "$(dirname "$source")/" -f bin \
        -o "$dir/$image.image" "$source" ||
        { tap 1 "$image: assembles"; continue; }
    run "$image" bare
    run "$image" translate
    for who in bare translate; do
        grep -v -F -f "$dir/known" "$dir/$who" |
            sed -E 's/^(lar|lsl|verr|verw)( .*what=.{12})..../\1\2/' \
                > "$dir/$who.same"
    done
    cmp -s "$dir/bare.same" "$dir/translate.same"
    tap $? "$image: $(wc -l < "$dir/bare.same") lines, translated as on the bare machine"
    diff "$dir/bare.same" "$dir/translate.same" | sed 's/^/# /' | head -n 10
done

# The kernel, all its workloads: its code's silence would be a lie.
"$BUILD/ringside" run "$BUILD/guests/kernel-native.elf" --quiet --detect \
    --technique translate > "$dir/out" 2> "$dir/err"
tap $? "the kernel under the detector"
! grep -q -i silent "$dir/err"
tap $? "the detector finds nothing"

# Did the images lead where they are meant to?
for image in full-code full-paging full-machine real; do
    "$BUILD/ringside" stat "$dir/$image.image" --technique translate \
        --limit 20000000000
done > "$dir/stat" 2> "$dir/stat.err"
for reason in translate chain indirect callout code-write interpret; do
    grep -q "^$reason " "$dir/stat"
    tap $? "exits of the reason $reason"
done
# The page about all this shows a unit as it is.
sed -n '/^<!-- unit -->/,/^<!-- end of unit -->/p' docs/TRANSLATION.md |
    grep -v '^<!--\|^```' > "$dir/shown"
bench/unit.sh > "$dir/unit"
[ -s "$dir/unit" ] && cmp -s "$dir/unit" "$dir/shown"
tap $? "docs/TRANSLATION.md shows the unit that bench/unit.sh prints"
echo "1..$n"
