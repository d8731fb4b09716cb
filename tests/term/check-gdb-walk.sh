#!/bin/sh
# One sitting of a real gdb with a guest kernel and its programs, by a port:
# breakpoints in both, the stack with source lines, a watch forwards and
# backwards, gone and back again, and the packets that it takes for granted.
: "${BUILD:=build}"
if ! command -v gdb > /dev/null; then
    echo "1..0 # skip no gdb"
    exit 0
fi
dir=$(mktemp -d) || exit 1
server=
trap '[ "$server" ] && kill "$server" 2> /dev/null; rm -rf "$dir"' EXIT
n=0
tap() { # STATUS NAME
    n=$((n + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $n - $2"
    else
        echo "not ok $n - $2"
        tail -n 40 "$dir/out" "$dir/server" | sed 's/^/# /'
    fi
}
# in_order NAME TEXT...: each in gdb's output, behind the one before it.
in_order() {
    name=$1 at=0
    shift
    for text; do
        next=$(tail -n +$((at + 1)) "$dir/out" | grep -n -m 1 -e "$text" |
            cut -d: -f1)
        [ "$next" ] || { echo "# no '$text' behind line $at"; tap 1 "$name"; return; }
        at=$((at + next))
    done
    tap 0 "$name"
}
# A port that nobody has, found by trying.
serve() { # ARGUMENT...
    for try in 1 2 3 4 5 6 7 8; do
        port=$((20000 + ($$ * 7 + try * 1009) % 40000))
        "$BUILD/ringside" debug "$@" --gdb $port 2> "$dir/server" &
        server=$!
        for wait in $(seq 100); do
            grep -q 'waiting for gdb' "$dir/server" && return 0
            kill -0 $server 2> /dev/null || break
            sleep 0.05
        done
    done
    return 1
}
# Gdb's commands are standard input; one that fails does not end it.
gdbs() {
    { echo 'set prompt'; echo 'set pagination off'; echo 'set confirm off'
      echo "target remote localhost:$port"
      echo "add-symbol-file $BUILD/guests/user/work.debug"
      cat; } > "$dir/commands"
    timeout 120 gdb -q -nx "$BUILD/guests/kernel-native.debug" \
        < "$dir/commands" > "$dir/out" 2>&1
}
# The server's own end, within some seconds.
ended() {
    for wait in $(seq 100); do
        kill -0 $server 2> /dev/null || break
        sleep 0.05
    done
    kill $server 2> /dev/null && echo '# it went on for ever'
    wait $server
    status=$?
    server=
    return $status
}

if ! serve forkwait; then
    cp "$dir/server" "$dir/out"
    tap 1 'a port of this host'
    exit 0
fi
gdbs <<'END'
hbreak sys_fork
continue
bt
p f->vector
p process_fork
delete
break *forkwait+0x42
watch touched
continue
bt
p touched
p i
continue
p touched
reverse-continue
p touched
reverse-continue
p touched
p $ring
x/i $eip
delete
disconnect
END
in_order 'a breakpoint in the kernel, and its stack by lines' \
    'Breakpoint 1, sys_fork (f=0xc.*) at guests/kernel/syscall.c:' \
    '#0 .*sys_fork .* at guests/kernel/syscall.c:' \
    '#1 .* in syscall .* at guests/kernel/syscall.c:' \
    '#2 .* in enter_kernel.* at guests/kernel/trap.asm:' '= 128$' \
    '= {int (struct trap_frame .)}'
in_order 'a watch in a program, on memory that was not there yet' \
    'Hardware watchpoint 3: touched' 'New value = 1' \
    'forkwait (count=40) at guests/kernel/user/work.c:' \
    '#0 .*forkwait (count=40)' '#1 .* in main (which=2, count=40) at .*work.c:' \
    '= 1$' '= 1$' 'Old value = 1' 'New value = 2' '= 2$'
in_order 'backwards to the writes before, the last undone first' \
    'New value = 2' 'Old value = 2' 'New value = 1' 'touched = i' '= 1$' \
    'Old value = 1' 'New value = 0' 'touched = ' '= 0$' '= 3$' '=> .*mov'
there=$(grep '=> ' "$dir/out" | sed 's/=> \(0x[0-9a-f]*\).*/\1/')
gdbs <<'END'
x/i $eip
monitor info breakpoints
monitor list
stepi
reverse-stepi
x/i $eip
break main
monitor info breakpoints
detach
END
in_order 'another gdb finds the guest where it was, without old stops' \
    "=> $there" 'no breakpoints' 'guests/kernel/user/work.c' '^-> ' \
    "=> $there" 'Breakpoint 1 at' '  *1 '
gdbs <<'END'
monitor info breakpoints
p $eflags
p $cr0
x/4xb 0x10
set var $eax = 0x5555
info threads
maintenance packet vMustReplyEmpty
maintenance packet vCont?
maintenance packet vCont;s:1;c
maintenance packet vCont;z
maintenance packet Z3,401000,4
maintenance packet Z2,401000,40
maintenance packet pffff
maintenance packet Hg7
maintenance packet m10,
maintenance packet qRcmd,6
maintenance packet qXfer:features:read:target.xml:fffff,1
maintenance packet QNonStop:1
kill
END
in_order 'flags by name, memory that is not there, and what cannot be' \
    'no breakpoints' '= \[.*\]' '= \[ PE .*PG \]' \
    'Cannot access memory at address 0x10' 'cannot be changed' \
    'under full'
in_order 'packets: an answer for each, and none for what is not known' \
    'received: ""' 'received: "vCont;c;C;s;S"' 'received: "T05thread:1' \
    'received: "E00"' 'received: ""' 'received: "E\.' 'received: "E00"' \
    'received: "E\.' 'received: "E00"' 'received: "E\.' 'received: "E00"' \
    'received: ""'
ended
tap $? 'gdb kills it: the program ends, and well'
[ "$(grep -c 'waiting for gdb' "$dir/server")" -eq 3 ]
tap $? 'it waited for each'

# Ctrl-C in gdb while the guest runs; again, if gdb was not ready at first.
serve spin-cli
gdbs <<'END'
break *0
shell (sleep 1; kill -INT $PPID; sleep 6; kill -INT $PPID) 2> /dev/null &
continue
p $eip != 0
reverse-stepi
kill
END
in_order 'Ctrl-C in gdb stops a guest that spins' 'SIGINT' '= 1$'
ended
serve forkwait@full forkwait@para
gdbs <<'END'
info threads
thread 2
p $ring
stepi
info threads
thread 1
stepi
info threads
kill
END
in_order 'two virtual machines are two threads, and each steps' \
    'under full' 'under para' 'Switching to thread 2' 'under para' \
    'Switching to thread 1' 'under full'
ended
echo "1..$n"
