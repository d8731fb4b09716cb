#!/bin/sh
# Run the guest of `make bench-host` on Bochs, which has no Multiboot loader.
#
#   bochs.sh PROGRAM MIB "COMMAND LINE"
#
# The image and its command line stand in a ROM in place of the BIOS (the
# tests' bochs-rom.asm), so nothing boots; Bochs becomes this process, without
# a screen, and the guest's console is its standard output. PROGRAM is Debian's
# bochs-bin, or what build-bochs.sh made.
: "${BUILD:=build}"
program=$1 memory=$2 line=$3
dir=$(mktemp -d "${TMPDIR:-/tmp}/bochs.XXXXXX") || exit 1
nasm -f bin -D "IMAGE='$BUILD/bench-host/kernels.bin'" -D ENTRY=0 \
    -D "LINE='$line'" -o "$dir/rom" tests/cpu/bochs-rom.asm || exit 1

# Debian's waits in its debugger for a command, has no screen for nobody but
# one that waits for a viewer, and looks for a sound card.
screen=nogui sound=
if "$program" --help 2>&1 | grep -q -e '-rc '; then
    screen='rfb, options="timeout=0"'
    sound='sound: driver=dummy' debugger=yes
fi
cat > "$dir/rc" <<RC
megs: $memory
romimage: file=$dir/rom
vgaromimage: file=$dir/vga
cpu: ips=200000000, reset_on_triple_fault=0
clock: sync=none
display_library: $screen
$sound
port_e9_hack: enabled=1
log: $dir/log
panic: action=fatal
RC
head -c 512 /dev/zero > "$dir/vga"
echo c > "$dir/commands"
set -- -q -f "$dir/rc" ${debugger:+-rc "$dir/commands"}
# The files may go as soon as Bochs has read them.
(sleep 10; rm -rf "$dir") > "$BUILD/bench-host/cleaning" 2>&1 &
exec "$program" "$@"
