#!/bin/bash
# Installs the Debian packages that building, running and testing need; silent and quick when nothing is missing.
set -euo pipefail

packages=(
    bash-static      # a second shell in the root file system, unmodified
    binutils         # the linker that musl-gcc drives
    bsdutils         # script: gives tests of the console a terminal
    busybox-static   # the unmodified programs of the root file system
    cpio             # root file system of the Linux reference
    dosfstools       # makes FAT file systems that tests read
    e2fsprogs        # makes and checks file systems that tests of ext4 read and write
    gcc              # musl-gcc is a wrapper around it
    genisoimage      # makes ISO 9660 file systems that tests read
    libc6-dev        # headers for the verifiers that spin generates
    lld              # links kernel and personality
    mtools           # fills FAT file systems
    musl-tools       # links the static servers
    qemu-system-x86  # the machine
    spin             # checks the models
    tmux             # the terminal at which the tests type
    xorriso          # makes ISO 9660 file systems that tests read, in its own way
    xz-utils         # compressed root file systems
    zstd             # compressed root file systems
)

if ! command -v dotnet >/dev/null; then
    echo "setup: .NET SDK 10 is missing; see https://learn.microsoft.com/dotnet/core/install/linux-debian" >&2
    exit 1
fi

installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null | sed -n 's/^installed //p' || true)
missing=()
for package in "${packages[@]}"; do
    grep -qx "$package" <<<"$installed" || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -eq 0 ]; then
    privileged=()
elif sudo -n true 2>/dev/null || { [ -t 0 ] && command -v sudo >/dev/null; }; then
    privileged=(sudo)
else
    echo "setup: missing Debian packages. Install them with:" >&2
    echo "    sudo apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
fi
echo "setup: installing ${missing[*]}" >&2
apt=("${privileged[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120)
"${apt[@]}" install -y --no-install-recommends "${missing[@]}" >&2 || {
    # Package lists may be absent or stale.
    "${apt[@]}" update >&2
    "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >&2
}
