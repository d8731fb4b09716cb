#!/bin/sh
# The same traces, byte for byte, whatever made and runs the program: the
# house (processor, devices, monitor) built by gcc and by clang, for a 64-bit
# Arm and for a 32-bit x86, and the kernel's workloads and the lessons run on
# each. The first of them is what the others are compared with.
#
#   make check-hosts [HOSTS='gcc clang arm64 i386']
#
# A compiler, a C library to link with or an emulator that is missing is a
# skip (`tests/deps.sh hosts` installs them). 32-bit x86 programs need an x86
# host.
: "${BUILD:=build}" "${MAKE:=make}" "${HOSTS:=gcc clang arm64 i386}"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
bad=0
first=

# Build trace_run for a host: $program, and $emulator to run it with.
# Status 77: no such compiler or emulator here.
build() { # host
    emulator='' ar=ar options='' quiet='' # -no-pie says nothing to -static
    case $1 in
    gcc) cc=gcc ;;
    clang) cc=clang quiet=-Wno-unused-command-line-argument options=WARN= ;;
    arm64) cc=aarch64-linux-gnu-gcc ar=aarch64-linux-gnu-ar
           case $(uname -m) in
           aarch64 | arm64) ;;
           *) emulator=$(command -v qemu-aarch64-static ||
                 command -v qemu-aarch64) || return 77 ;;
           esac ;;
    i386) cc=i686-linux-gnu-gcc ar=i686-linux-gnu-ar
          case $(uname -m) in x86_64 | i?86) ;; *) return 77 ;; esac ;;
    *) echo "not ok - $1: no such host; known: gcc clang arm64 i386"
       return 1 ;;
    esac
    echo 'int main(void) { return 0; }' > "$dir/try.c"
    "$cc" -static -o "$dir/try" "$dir/try.c" 2> "$dir/log" || return 77
    $emulator "$dir/try" || return 77
    program=build-hosts/$1/trace_run
    "$MAKE" -s --no-print-directory BUILD=build-hosts/"$1" CC="$cc" AR="$ar" \
        LDFLAGS="-static $quiet" $options "$program" > "$dir/log" 2>&1 || {
        tail -n 20 "$dir/log"
        return 1
    }
}

run_all() { # host: into $dir/host
    mkdir "$dir/$1"
    for technique in bare full para; do
        kernel=native lessons='popf-lies page-fault ring-change triple-fault'
        [ $technique = para ] && kernel=para lessons=para
        for workload in $(sed -n 's/^WORKLOAD(\([^,]*\),.*/\1/p' \
            guests/kernel/workloads.def guests/kernel/measures.def); do
            $emulator "$program" "$BUILD/guests/kernel-$kernel.elf" \
                $technique "$dir/$1/$workload-$technique.jsonl" \
                "workload=$workload n=5" > "$dir/$1/$workload-$technique.out" ||
                return 1
        done
        for lesson in $lessons; do # an end by shutdown is an end, too
            $emulator "$program" "$BUILD/guests/$lesson.elf" $technique \
                "$dir/$1/$lesson-$technique.jsonl" \
                > "$dir/$1/$lesson-$technique.out"
        done
    done
}

for host in $HOSTS; do
    build "$host"
    case $? in
    0) ;;
    77) echo "ok - $host # skip its compiler, library or emulator is missing"
        continue ;;
    *) echo "not ok - $host: does not build"
       bad=1
       continue ;;
    esac
    run_all "$host" || { echo "not ok - $host: a run failed"; bad=1; continue; }
    if [ -z "$first" ]; then
        first=$host
        echo "ok - $host: $(ls "$dir/$host"/*.jsonl | wc -l) traces of $(cat \
            "$dir/$host"/*.jsonl | wc -c) bytes in all"
    elif diff -rq "$dir/$first" "$dir/$host"; then
        echo "ok - $host: the same as $first's"
    else
        echo "not ok - $host: other traces than $first's"
        bad=1
    fi
done
exit $bad
