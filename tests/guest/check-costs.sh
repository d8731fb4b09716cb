#!/bin/sh
# The figures that the preset p4-vt is fitted to come out of the model, and
# what an exit is made of follows from what was done.
: "${BUILD:=build}"
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

# The same run under other prices has the same exits.
exits() {
    run run rdtsc --technique full --cost "$1" --json | sed -n '/^{/,$p' |
        jq .exits
}
check 'prices do not change what happens' "$(exits unit)" "$(exits p4-vt)"
