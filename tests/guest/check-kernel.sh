#!/bin/sh
# What the kernel says, under every technique, against what its workloads
# must say: worked out here in awk from their meaning, not from a run of
# ours. Any count must do; an unknown workload and too little memory must be
# told.
: "${BUILD:=build}"
n=0
got=$(mktemp) want=$(mktemp) || exit 1
trap 'rm -f "$got" "$want"' EXIT

report() {
    n=$((n + 1))
    if [ "$2" = yes ]; then echo "ok $n - $1"; return; fi
    echo "not ok $n - $1"
    diff "$want" "$got" | head -n 10 | sed 's/^/# /'
}

# What cc.c makes of n sources, worked out with a table of its own.
compiled='function xor(a, b,   bit, sum) {
        for (bit = 1; a + b > 0; bit *= 2) {
            if (a % 2 != b % 2) sum += bit
            a = int(a / 2); b = int(b / 2)
        }
        return sum + 0
    }
    function object_of(file,   i, h, t) {
        for (i = 0; i < 1536; i++) {
            h = (h * 31 + (7 * i + file) % 256) % 4294967296
            t[h % 8192] = (t[h % 8192] + h) % 4294967296
        }
        for (i in t) h = xor(h, t[i])
        return h
    }
    function compiled(n,   file, all) {
        for (file = 0; file < n; file++) all = xor(all, object_of(file))
        return sprintf("%x", all)
    }'

# says WORKLOAD COUNT PID: its lines. PID is the next process's number.
says() {
    awk -v name="$1" -v n="$2" -v pid="$3" "$compiled"'
    BEGIN {
        for (i = 0; i < n; i++) {
            statuses += i % 128         # each child ends with i & 127
            bytes += i % 256            # each page holds i as a byte
        }
        ring = name == "ctx8" ? 8 : 2   # each of them adds one a round
        # 2262 primes are below 20000; the CRC-32 of "123456789" is its
        # definition'"'"'s own check value.
        line["nullcall"] = n " calls"
        line["forkwait"] = n " children, their statuses add up to " statuses
        line["exec"] = n " programs"
        line["ctx2"] = line["ctx8"] = \
            n " rounds, the byte is " (ring * n) % 256
        line["pagefault"] = n " pages, their bytes add up to " bytes + 0
        line["protect"] = 2 * n " changes"
        line["ptebulk"] = n " times 63 pages mapped and unmapped"
        line["portio"] = n " bytes out and in"
        line["hypercall"] = n " calls"
        # The sum of 256 equal bytes, modulo 256, and 1: so each answers 1.
        line["ipc"] = n " messages, their answers add up to " n
        line["ctxset"] = line["tlbset"] = \
            n " pages, their bytes add up to " bytes + 0
        if (name == "compile")
            line[name] = n " objects, linked to " compiled(n)
        line["ticks"] = line["compute"] = "2262 primes, CRC cbf43926"
        if (name == "protect")          # its child must die of a page fault
            print "process " pid ": page fault at HERE, address THERE"
        if (name == "console")
            for (i = 0; i < n; i++)
                print "the quick brown fox jumps over the lazy dog, for the " \
                    100 + i " time."
        else
            print name ": " line[name]
    }'
}

# How many processes a workload starts.
children() {
    case $1 in
    forkwait | exec) echo "$2" ;;
    ctx2) echo 1 ;;
    ctx8) echo 7 ;;
    protect) echo 1 ;;
    *) echo 0 ;;
    esac
}

# run TECHNIQUE ARGUMENTS: output, addresses that a compiler chose left out.
run() {
    technique=$1
    shift
    case $technique in para) kernel=para ;; *) kernel=native ;; esac
    "$BUILD/ringside" run "$BUILD/guests/kernel-$kernel.elf" --quiet \
        --technique "$technique" "$@" 2> /dev/null |
        sed 's/ at [0-9a-f]*, address [0-9a-f]*$/ at HERE, address THERE/' \
        > "$got"
}

check() {
    same=no
    cmp -s "$got" "$want" && same=yes
    report "$1" $same
}

rows=$(sed -n 's/^WORKLOAD(\([a-z0-9]*\), "[a-z0-9]*", \([0-9]*\),.*/\1 \2/p' \
    guests/kernel/workloads.def)
all() {
    pid=2                       # the first program is process 1
    echo "ringside kernel"
    echo "$rows" | while read -r name count; do
        says "$name" "$count" $pid
        pid=$((pid + $(children "$name" "$count")))
    done
    echo "ringside kernel: done, status 0"
}
# Once is enough: test_equivalence.c runs it all under every technique.
all > "$want"
run bare
check "the kernel says what its workloads mean"

one() {
    echo "ringside kernel"
    says "$1" "$2" 2
    echo "ringside kernel: done, status 0"
}
for row in nullcall=1 forkwait=133 exec=7 ctx2=3 ctx8=33 pagefault=270 \
    protect=300 ptebulk=1 portio=1 console=1 ticks=1 compute=1 hypercall=9 \
    ipc=70 ctxset=300 tlbset=1100 compile=5; do
    name=${row%=*} count=${row#*=}
    same=yes
    for technique in bare full para translate; do
        one "$name" "$count" > "$want"
        run $technique --append "workload=$name n=$count"
        cmp -s "$got" "$want" || { same=no; break; }
    done
    report "$name n=$count: bare, full, para, translate" $same
done

for technique in bare full para translate; do
    echo "kernel panic: no workload is called 'nonsense'" > "$want"
    run $technique --append workload=nonsense
    sed -i 1d "$got"
    check "$technique: an unknown workload is named"
    # 4 MiB hold less than 1024 pages: the kernel says so, and stops.
    run $technique --memory 4 --append "workload=pagefault n=1024"
    grep -q '^kernel panic: out of memory' "$got" && same=yes || same=no
    report "$technique: out of memory is told" $same
done
echo "1..$n"
