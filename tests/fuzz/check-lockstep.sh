#!/bin/sh
# A million random instructions in lockstep, one by one against cpu_run:
# lockstep.c. `make lockstep N=...` does more.
: "${BUILD:=build}" "${N:=1000000}"
log=$("$BUILD/lockstep" "$N" 1)
[ $? -eq 0 ] && echo "ok 1 - lockstep" || echo "not ok 1 - lockstep"
echo "$log"
