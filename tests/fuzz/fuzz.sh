#!/bin/sh
# fuzz.sh SECONDS - run clang's fuzzer, with both sanitizers, on the targets
# (fuzz_cpu.c, fuzz_files.c, fuzz_commands.c, fuzz_packets.c; TARGETS chooses
# some) for so long each, beginning with what is in tests/fuzz/corpus. What ends a process is kept, as build-fuzz/crash-*, and
# `build-fuzz/fuzz_cpu FILE` shows it again.
#
# `tests/fuzz/fuzz.sh --keep` afterwards takes what covers more into the
# corpus.
: "${MAKE:=make}" "${TARGETS:=cpu files commands packets}"
build=build-fuzz
echo 'int LLVMFuzzerTestOneInput(const char *d, long n) { return d && n < 0; }' |
    clang -x c -fsanitize=fuzzer -o /dev/null - 2> /dev/null || {
    echo "make fuzz: needs clang with its runtime: apt-get install clang \
libclang-rt-14-dev (or of clang's version)"
    exit 1
}
"$MAKE" -s --no-print-directory BUILD=$build CC=clang SAN=1 OPT=-O1 WARN= \
    CFLAGS=-fsanitize=fuzzer-no-link FUZZER=-fsanitize=fuzzer \
    $(printf "$build/fuzz_%s " $TARGETS) guests || exit 1
# Words of the debugger, which nobody guesses letter by letter.
sed -n 's/^DEBUG_COMMAND(\([a-z]*\),.*/"\1 "/p' debugger/debug_commands.def \
    > $build/words
printf '"%s"\n' lesson 'ring-change.asm:20' '[esp]' ' if ' 'reason=' ' do ' \
    'vCont;' 'Z0,' 'Z2,' 'qXfer:features:read:' 'qRcmd,' 'thread' \
    >> $build/words
status=0
for target in $TARGETS; do
    kept=tests/fuzz/corpus/$target found=$build/found-$target
    mkdir -p "$kept" "$found"
    if [ "$1" = --keep ]; then
        $build/fuzz_$target -merge=1 -max_len=1024 "$kept" "$found" 2> /dev/null
        continue
    fi
    $build/fuzz_$target -max_total_time="$1" -max_len=1024 -timeout=20 \
        $(case $target in commands | packets) echo -dict=$build/words ;; esac) \
        -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix=$build/ \
        "$found" "$kept" 2> $build/$target.log || status=1
    grep -E '^stat::number_of_executed|ERROR|SUMMARY|Test unit' \
        $build/$target.log | sed "s/^/$target: /"
done
exit $status
