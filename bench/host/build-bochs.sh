#!/bin/sh
# Build Bochs at its best for `make bench-host`: handlers chained, traces
# linked, -O3, 32 bits, and no debugger, which Debian's own carries.
#
#   build-bochs.sh [FOLDER]
#
# FOLDER (default: $XDG_CACHE_HOME or ~/.cache, /ringside-bochs) gets Debian's
# source package, by apt with lists of its own, and `bochs`, which run.sh then
# finds. It takes a minute or two and 100 MB. Nothing of Bochs becomes part of
# Ringside: it is a program that is run beside it.
set -eu
folder=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/ringside-bochs}
mkdir -p "$folder/apt/lists/partial" "$folder/apt/cache/archives/partial"
cd "$folder"

# The release of this system first; a mirror may not have kept its sources.
fetch() {
    echo "deb-src http://deb.debian.org/debian $1 main" > apt/sources.list
    set -- -q -o Dir::Etc::SourceList="$folder/apt/sources.list" \
        -o Dir::Etc::SourceParts=- -o Dir::State::Lists="$folder/apt/lists" \
        -o Dir::Cache="$folder/apt/cache"
    apt-get "$@" update > apt/log 2>&1 &&
        apt-get "$@" --download-only source bochs >> apt/log 2>&1
    ls bochs_*.orig.tar.* > apt/found 2>&1
}
release=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
fetch "$release" || fetch trixie || fetch sid || true
tar=$(ls bochs_*.orig.tar.* 2> apt/found | tail -n 1)
[ -n "$tar" ] || { echo "no source of Bochs: see $folder/apt/log"; exit 1; }

rm -rf source build
mkdir source build
tar xf "$tar" -C source --strip-components=1
cd build
../source/configure --with-nogui --enable-all-optimizations \
    --disable-x86-64 --disable-debugger --disable-docbook --disable-logging \
    --disable-stats --disable-usb --disable-plugins \
    CFLAGS=-O3 CXXFLAGS='-O3 -fomit-frame-pointer' > log 2>&1
nice make -j2 >> log 2>&1
cp bochs "$folder/bochs"
echo "$folder/bochs"
