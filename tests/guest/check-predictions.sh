#!/bin/sh
# The orderings that were published come out of the model, which was fitted to
# none of them: Adams and Agesen 2006 (binary translation beside VT with shadow
# page tables), Bhargava 2008 (nested paging), Barham 2003 (Xen).
: "${BUILD:=build}"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
n=0
cycles() { # workload, technique
    more=
    [ "$1" = exec ] && more='--append n=100' # or translating is most of it
    [ -e "$dir/$1" ] || "$BUILD"/ringside compare "$1" $more --json --quiet \
        > "$dir/$1" 2> /dev/null
    jq -r --arg t "$2" '.[] | select(.technique == $t and .status == 0) |
        .cycles' "$dir/$1"
}
ratio() { # workload, technique: times bare; of an operation without its loop
    loop=0 bare_loop=0
    case $1 in nano-*)
        loop=$(cycles nano-empty "$2") bare_loop=$(cycles nano-empty bare) ;;
    esac
    echo "$(cycles "$1" "$2") $loop $(cycles "$1" bare) $bare_loop" |
        awk 'NF == 4 { print ($1 - $2) / ($3 - $4) }'
}
# holds WHAT 'A < B' with workload:technique for A and B, or a number
holds() {
    n=$((n + 1))
    a=$2 b=$4
    case $a in *:*) a=$(ratio "${a%:*}" "${a#*:}") ;; esac
    case $b in *:*) b=$(ratio "${b%:*}" "${b#*:}") ;; esac
    if awk -v a="$a" -v b="$b" -v op="$3" 'BEGIN {
        exit !(a != "" && b != "" && (op == "<" ? a < b : a >= b)) }'
    then echo "ok $n - $1 ($2 $a $3 $4 $b)"
    else echo "not ok $n - $1 ($2 $a $3 $4 $b)"; fi
}
for w in nano-ptemod nano-pgfault forkwait pagefault ptebulk; do
    holds 'a translator beats VT with shadows where page tables change' \
        $w:translate '<' $w:hvm-shadow
done
for w in nano-syscall nano-callret nano-divzero compute nullcall; do
    holds 'VT leaves alone what is the kernel'\''s own business' \
        $w:hvm-shadow '<' 1.05
    holds 'which a translator does not' $w:translate '>=' $w:hvm-shadow
done
for w in nano-ptemod nano-pgfault nano-cr3 nano-invlpg forkwait pagefault; do
    holds 'nested paging beats shadows' $w:hvm '<' $w:hvm-shadow
    holds 'and a translator' $w:hvm '<' $w:translate
done
holds 'but it loses where the TLB misses' nano-tlbmiss:hvm-shadow '<' \
    nano-tlbmiss:hvm
holds 'VT exits dearly for a port' nano-in:translate '<' nano-in:hvm-shadow
for w in nullcall forkwait exec ctx2 pagefault ptebulk; do
    holds 'para costs little more than bare' 1 '<' $w:para
    holds 'and less than translation' $w:para '<' $w:translate
    holds 'which costs less than trap and emulate' $w:translate '<' $w:full
done
echo "1..$n"
