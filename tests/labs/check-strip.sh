#!/bin/sh
# labs/strip.awk: a stub holds nothing of a body, a solution nothing of a
# mark, and a malformed mark stops the build.
n=0
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

ok() { n=$((n + 1)); echo "ok $n - $1"; }
not_ok() { n=$((n + 1)); echo "not ok $n - $1"; }
strip() { awk -v lab=1 -v want="$1" -f labs/strip.awk "$tmp/in.c"; }

write() { printf '%s\n' "$@" > "$tmp/in.c"; }
good() {
    write 'int f(void)' '{' '    /*@lab 1 f' '     * Do it.' '     *@stub' \
        '     *  lab_todo("f");' '     */' '    return 42;' '    /*@end*/' '}'
}

good
strip stub > "$tmp/stub.c"
strip solution > "$tmp/solution.c"
if grep -q 'lab_todo("f");' "$tmp/stub.c" && grep -q 'Do it' "$tmp/stub.c" &&
    ! grep -q 42 "$tmp/stub.c"; then ok "a stub has the task, not the body"
else not_ok "a stub has the task, not the body"; fi
if grep -q 42 "$tmp/solution.c" && ! grep -q '@\|todo' "$tmp/solution.c"
then ok "a solution has the body, and no mark"
else not_ok "a solution has the body, and no mark"; fi

# refused WHAT LINE-TO-CHANGE SED-COMMAND
refused() {
    good
    sed -i.bak "$2" "$tmp/in.c"
    if strip stub > /dev/null 2>&1; then not_ok "refused: $1"
    else ok "refused: $1"; fi
}
refused "a mark that never ends" '/@end/d'
refused "an end of nothing" '/@lab/,/\*\/$/d'
refused "a mark without a stub" '/@stub/d'
refused "a mark without a number" 's/@lab 1 f/@lab f/'
refused "a misspelt mark" 's/@stub/@stubb/'
refused "a mark within a mark" 's|return 42;|/*@lab 1 g|'
refused "two of one name" 's|@end\*/|@end*/\n    /*@lab 1 f\n     *@stub\n     */\n    /*@end*/|'
refused "no mark of the lab" 's/@lab 1/@lab 2/'
echo "1..$n"
