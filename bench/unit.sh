#!/bin/sh
# A translated unit, the guest's code beside the cache's, as docs/TRANSLATION.md
# shows it: the page-fault handler of nano-pgfault, after it has run often.
: "${BUILD:=build}"
printf 'break handler\ncontinue\ncontinue\nunit handler\nquit\n' > "$BUILD/unit.debug"
"$BUILD/ringside" debug nano-pgfault --technique translate \
    --batch "$BUILD/unit.debug" 2>&1 | sed -n '/^[0-9a-f]\{8\}  /,/^(/p' |
    grep -v '^('
