#!/bin/sh
# Compile a student's file into a child that the grader can run.
#
#   labs/build.sh FILE FOLDER LAB       makes FOLDER/child
#
# Status 2: it does not compile or link, and that is said on standard error.
# The compiler has limits too, and the file may include the monitor's headers
# and the compiler's, and hold no assembly: what it is made of is C alone.
: "${BUILD:=build}"
. "$BUILD/labs/build.env" || exit 3
file=$1 out=$2 house=$BUILD/labs/$3/libvmm.a
mkdir -p "$out" || exit 3
rm -f "$out/child"

fail() { echo "labs: $1" >&2; exit 2; }

[ -f "$house" ] || { echo "labs: no $house: make labs-tools" >&2; exit 3; }
[ -f "$file" ] || fail "$file: there is no such file"
[ "$(wc -c < "$file")" -le 1000000 ] || fail "$file: over a million bytes"
ulimit -t 60 2> /dev/null
ulimit -f 200000 2> /dev/null

# Every file that it includes, by the compiler's own account. (Devices first:
# reading one may never end.)
if grep -nE '^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]/' "$file" >&2
then
    fail "$file includes an absolute path"
fi
$LABS_CC -M -MF "$out/deps" "$file" > /dev/null 2> "$out/errors" || {
    head -n 20 "$out/errors" >&2
    fail "$file does not compile"
}
foreign=$(tr -d '\\' < "$out/deps" | tr -s ' \n' '\n\n' |
    grep -vE '^$|:$|^/usr/(lib|include|local)/|^(cpu|devices|vmm)/|^labs/lab' |
    grep -vxF "$file" | head -n 3)
[ -z "$foreign" ] || fail "$file includes what is not its own: $foreign"
# Of the file's own lines: assembly could include anything, or call anything.
$LABS_CC -E "$file" 2> /dev/null | awk -v file="$file" '
    /^# [0-9]+ "/ { own = index($3, "\"" file "\"") == 1; next }
    own' > "$out/own"
if grep -nE '(^|[^a-zA-Z0-9_])(asm|__asm|__asm__)([^a-zA-Z0-9_]|$)' \
    "$out/own" >&2
then
    fail "$file has assembly in it"
fi
$LABS_CC -c "$file" -o "$out/student.o" 2> "$out/errors" &&
    $LABS_LINK "$out/student.o" $LABS_OBJ "$house" $LABS_LIBS -o "$out/child" \
        2>> "$out/errors" || {
    grep -E 'error|undefined|multiple' "$out/errors" | head -n 20 >&2
    fail "$file does not build: see $out/errors"
}
cat "$out/errors" >&2
