#!/bin/sh
# ringside reprice: a run's charges, counted, times the prices it ran at, are
# its clock to the cycle, under every technique; elsewhere the model stands
# beside a real run. Bad use is refused.
: "${BUILD:=build}"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
. tests/term/guests.sh

exact() { # what, rows, arguments: at the recording's prices nothing is off
    what=$1 want=$2
    shift 2
    ringside reprice "$@" --json --quiet
    off=$(jq -r '.[] | select(.recorded_at == .priced_at and
        (.modelled_cycles != .real_cycles or
        .modelled_exit_cycles != .real_exit_cycles)) |
        "\(.technique): \(.modelled_cycles), not \(.real_cycles)"' "$dir/out")
    rows=$(jq '[.[] | select(.recorded_at == .priced_at)] | length' "$dir/out")
    [ "$got" = 0 ] && [ -z "$off" ] && [ "$rows" = "$want" ] ||
        printf '%s\nnot ' "# $rows rows; $off"
    n=$((n + 1))
    echo "ok $n - to the cycle: $what"
}
exact 'fork and wait, eight techniques' 8 forkwait unit --append n=4
exact 'page-table updates, at unit prices' 8 ptebulk --cost unit --append n=4
exact 'the console, hosted' 8 console --hosting type2 --append n=2
exact 'timer ticks and sleep' 8 ticks unit --append n=4
exact 'the reference engine' 8 exec unit --engine reference --append n=2
exact 'faults, by a nanobenchmark' 7 nano-pgfault unit
exact 'a price that was changed' 1 nullcall p4-vt --technique full --set vmm_decode=7

# The same events cost what they cost there: where no timer ticks, the model
# is a real run.
ringside reprice nullcall haswell-ept --technique full --append n=50 --json
same=$(jq '.[] | select(.priced_at == "haswell-ept") | .off_by_percent' \
    "$dir/out")
result 'without a timer the model is a real run' [ "$same" = 0 ]
ringside reprice ticks pentium --technique full --append n=10 --json
off=$(jq '.[] | select(.priced_at == "pentium") | .off_by_percent |
    fabs > 1' "$dir/out")
result 'with one it is not, and that is said' [ "$off" = true ]
ringside reprice forkwait haswell-ept --append n=4
result 'the table has eight techniques twice' \
    [ "$(grep -c '^[a-z-]* *\(p4-vt\|haswell-ept\) ' "$dir/out")" = 16 ]

ends 2 "did you mean 'pentium'" 'no such prices' reprice compute penitum
ends 2 'no guest\|ringside explain guests' 'no such guest' reprice nothing
ends 2 'A guest is missing' 'no guest' reprice
ends 0 'One run priced' 'help' reprice --help
echo "1..$n"
