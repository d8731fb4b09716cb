#!/bin/sh
# The figures that the preset p4-vt is fitted to come out of the model, and
# what an exit is made of follows from what was done.
: "${BUILD:=build}"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
n=0
check() { # description, actual, expected
    n=$((n + 1))
    if [ "$2" = "$3" ]; then echo "ok $n - $1: $2"; else
        echo "not ok $n - $1: $2, expected $3"; fi
}
run() { "$BUILD/ringside" "$@" --quiet 2> /dev/null; }

# Adams and Agesen 2006, section 6.2: RDTSC by trap-and-emulate, 2030.
mean() {
    run stat rdtsc --technique full --cost "$1" |
        awk '$1 == "tsc" { gsub(",", ""); print $7 }'
}
check 'RDTSC by trap-and-emulate on a Pentium 4, cycles' "$(mean p4-vt)" 2030

# At one cycle a thing, an exit's cost is the number of things done for it:
# the fault, its gate, HLT on the stub; save, dispatch; decode; emulate;
# restore; IRET and its ring change.
check 'the same at unit prices: things done' "$(mean unit)" 10

# Hosted, an exit that a device has a part in pays one switch to the host and
# back: 8.90 us at 733 MHz (VMware Workstation, USENIX 2001), 6524 cycles. The
# guest's first turn is the host's to give, too. An interpreted kernel pays at
# each access.
stat_json() {
    run stat "$1" --technique "$2" --hosting "$3" --json
}
for technique in full translate hybrid; do
    for type in type1 type2; do
        stat_json in-out $technique $type > "$dir/$type"
    done
    of() { jq ".$2" "$dir/$1"; }
    extra=$(($(of type2 cycles) - $(of type1 cycles)))
    accesses=$(($(of type1 exits_by_reason.io.count) +
        $(of type1 exits_by_reason.interrupt.count) +
        $(of type1 exits_by_reason.schedule.count)))
    # Eight ports and three texts, which are an exit each, or a byte each.
    bytes=$(run run in-out | wc -c)
    [ $technique = hybrid ] && accesses=$((8 + bytes + 1))
    check "hosted, in-out under $technique pays 6524 for each device access" \
        "$extra" $((accesses * 6524))
    [ $technique = hybrid ] || check "and all of it in the phase host" \
        "$(of type2 cycles_by_phase.host)" "$extra"
    check "of type 1, $technique pays nothing in the phase host" \
        "$(of type1 cycles_by_phase.host)" 0
done

# The same run under other prices has the same exits.
exits() {
    run run rdtsc --technique full --cost "$1" --json | sed -n '/^{/,$p' |
        jq .exits
}
check 'prices do not change what happens' "$(exits unit)" "$(exits p4-vt)"
