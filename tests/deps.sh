#!/bin/sh
# Install what Ringside needs (Debian, Ubuntu and their like), or say what it
# would install. Packages already there are left alone.
#
# need:  compiler, assembler, make, the libraries of the program, and what it
#        draws figures with
# test:  what `make check` and `make lint` use besides; a test whose tool is
#        missing says that it was skipped
# pictures: what looks at the report of `ringside bench`; only with "pictures"
#        as argument
# hosts: what `make check-hosts` uses besides; only with "hosts" as argument
need='gcc make nasm binutils libncurses-dev libreadline-dev libcjson-dev
      libdw-dev gnuplot-nox'
test='jq zip unzip libcriterion-dev clang clang-format clang-tidy cppcheck tmux
      gdb qemu-system-x86 bochs libunicorn-dev'
hosts='gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static
       gcc-i686-linux-gnu libc6-dev-i386-cross'
[ "$1" = pictures ] && test="$test chromium"
[ "$1" = hosts ] && test="$test $hosts"

missing() {
    for package in $need $test; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null |
            grep -q 'ok installed' || printf '%s ' "$package"
    done
}

if ! command -v apt-get > /dev/null; then
    echo "make deps: this is not a Debian system. Please install with your own"
    echo "package manager what these Debian packages hold:"
    echo $need $test
    exit 1
fi
list=$(missing)
if [ -z "$list" ]; then
    echo "make deps: everything is installed"
    exit 0
fi
sudo=
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo > /dev/null; then
        echo "make deps: needs root to run: apt-get install $list"
        exit 1
    fi
    sudo=sudo
fi
echo "make deps: installing $list"
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get install -y --no-install-recommends $list > /dev/null ||
    { $sudo apt-get update &&
      $sudo apt-get install -y --no-install-recommends $list; }
