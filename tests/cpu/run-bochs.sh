#!/bin/sh
# run-bochs.sh IMAGE - run a flat image on Bochs, without a screen, and print
# what it writes to port 0xE9. The image stands at 1 MiB and starts 32 bytes
# in, as Multiboot has it; it ends by writing "Shutdown" to port 0x8900.
# There is no BIOS: a ROM holds the image (bochs-rom.asm).
#
# Exit status 77: there is no Bochs here. BOCHS_LOG names a file for its log.
command -v bochs > /dev/null || exit 77
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
nasm -f bin -D "IMAGE='$1'" -o "$dir/rom" "$(dirname "$0")/bochs-rom.asm" ||
    exit 1
cat > "$dir/rc" << END
megs: 32
romimage: file=$dir/rom
cpu: model=p3_katmai, ips=50000000, reset_on_triple_fault=0
display_library: rfb, options="timeout=0"
sound: driver=dummy
speaker: enabled=0
port_e9_hack: enabled=1
log: $dir/log
panic: action=fatal
END
echo c > "$dir/commands" # Debian's stops in its debugger
timeout "${BOCHS_TIMEOUT:-60}" bochs -q -f "$dir/rc" -rc "$dir/commands" \
    < /dev/null > "$dir/out" 2> "$dir/err"
[ -n "$BOCHS_LOG" ] && cp "$dir/log" "$BOCHS_LOG"
grep -a -E ': what=|^  [a-z]+=' "$dir/out"
