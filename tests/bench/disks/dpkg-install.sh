# 50 packages of 10 files each into a root of its own. dpkg synchronises what it unpacks and what it knows.
prepare() {
    mkdir -p /tmp/packages && cd /tmp/packages
    for i in $(seq 50); do
        mkdir -p p/DEBIAN p/usr/share/p$i
        printf 'Package: p%s\nVersion: 1\nArchitecture: all\nMaintainer: a <a@b>\nDescription: a row\n' $i > p/DEBIAN/control
        seq 20000 | head -c 20000 | split -a 1 -b 2000 - p/usr/share/p$i/file-
        dpkg-deb -Znone -b p p$i.deb > /dev/null && rm -r p
    done
    cd /mnt && mkdir -p root/var/lib/dpkg/info root/var/lib/dpkg/updates root/var/lib/dpkg/triggers && : > root/var/lib/dpkg/status
}
work() { dpkg --root=/mnt/root --force-script-chrootless -i /tmp/packages/*.deb > /tmp/dpkg.log 2>&1; }
check() { dpkg --root=/mnt/root -l | grep -c '^ii'; find root/usr -type f | sort | xargs cat | sha256sum; rm -r /tmp/packages; }
