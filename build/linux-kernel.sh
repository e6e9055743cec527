#!/bin/bash
# Fetches Debian's Linux kernel, the reference system, and unpacks it below .build/debian; silent and quick when it is there. Only SYSTEM=linux and
# the tests need it. Nothing is installed: the package's scripts would make an initramfs and boot entries for the user's own machine. No rights are needed.
set -euo pipefail
cd "$(dirname "$0")/.."
files=.build/debian

# One that the user has installed will do.
has_modules() { [ -d "$1/lib/modules/${2#vmlinuz-}/kernel/drivers/cdrom" ] && [ -e "$1/lib/modules/${2#vmlinuz-}/kernel/block/t10-pi.ko" ]; }
for kernel in "$files"/boot/vmlinuz-*-amd64; do
    [ -r "$kernel" ] && has_modules "$files" "${kernel##*/}" && exit 0
done
for kernel in /boot/vmlinuz-6.1.*-amd64; do
    [ -r "$kernel" ] && has_modules "" "${kernel##*/}" && exit 0
done
mkdir -p .build
work=$(mktemp -d .build/linux-kernel.XXXXXX)
trap 'rm -rf "$work"' EXIT

# The package that linux-image-amd64 stands for: its only dependency that is an image.
image() { apt-cache depends --no-recommends --no-suggests linux-image-amd64 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-[0-9].*-amd64\)$/\1/p' | head -n 1; }
name=$(image)
if [ -z "$name" ]; then
    echo "linux-kernel: apt knows no linux-image-amd64; its package lists may be missing: sudo apt-get update" >&2
    exit 1
fi
echo "linux-kernel: fetching $name" >&2
# As root apt would change to a user of its own, who may not write here.
(cd "$work" && apt-get -qq -o APT::Sandbox::User="$(id -un)" download "$name" >&2)
# With the modules that disks and their file systems are (image/Run/LinuxModules.cs), and no others.
dpkg-deb --fsys-tarfile "$work"/*.deb | tar -x -C "$work" --no-same-owner --wildcards './boot/vmlinuz-*' \
    './lib/modules/*/kernel/drivers/block' './lib/modules/*/kernel/drivers/cdrom' './lib/modules/*/kernel/drivers/virtio' './lib/modules/*/kernel/drivers/nvme/host' \
    './lib/modules/*/kernel/block/t10-pi.ko' './lib/modules/*/kernel/crypto/*crc*.ko' './lib/modules/*/kernel/lib/*crc*.ko' './lib/modules/*/kernel/fs'
rm -rf "$files"
mkdir -p "$files"
mv "$work/boot" "$work/lib" "$files/"
