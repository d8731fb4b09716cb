#!/bin/sh
# Is anything of the lab's solution in a handout?  labs/leak.sh LAB FOLDER
#
# With --line in FOLDER's place: prints one such line.
#
# Looks for marks, for hidden tests and for each line of a solution that is
# long enough to say something and not said elsewhere in what is given.
lab=$1 tree=$2
files=$(sed -n 's/^files //p' "labs/$lab/lab.txt")
bad=0
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT

# Lines of the solution that are not in the stub.
awk -v lab="$lab" -v want=stub -f labs/strip.awk $files | sort -u > "$tmp/stub"
awk -v lab="$lab" -v want=solution -f labs/strip.awk $files |
    grep -E '^ {4,}[a-z].{24,};$' | sort -u > "$tmp/solution"
comm -13 "$tmp/stub" "$tmp/solution" > "$tmp/secret"
# Said elsewhere in the house, too: not a secret of this lab's.
git ls-files cpu devices vmm debugger | grep '\.[ch]$' |
    grep -vxF "$(echo $files | tr ' ' '\n')" | xargs cat | sort -u |
    comm -12 - "$tmp/secret" > "$tmp/public"
comm -13 "$tmp/public" "$tmp/secret" > "$tmp/only"
[ "$tree" = --line ] && { head -n 1 "$tmp/only"; exit 0; }

for f in $files; do
    [ -e "$tree/$f" ] && { echo "leak: $f is in the handout"; bad=1; }
done
for name in mutants reference rubric.md notes.md; do
    [ -e "$tree/labs/$lab/$name" ] &&
        { echo "leak: labs/$lab/$name is in the handout"; bad=1; }
done
grep -rIlE "/\*@(lab|hide) $lab[ *]" "$tree" > "$tmp/marks" &&
    { sed 's/^/leak: a mark of this lab in /' "$tmp/marks"; bad=1; }
grep -rIlE '^[0-9.]+ +[^ ]+ +[0-9]+ hidden ' "$tree/labs/$lab" > "$tmp/hidden" &&
    { sed 's/^/leak: a hidden test in /' "$tmp/hidden"; bad=1; }

[ -s "$tmp/only" ] || { echo "leak: nothing to look for: is this a lab?"; exit 2; }
grep -rIFxl -f "$tmp/only" "$tree" > "$tmp/found" &&
    { sed 's/^/leak: a line of the solution in /' "$tmp/found"; bad=1; }
exit $bad
