# 20,000 files of 2,000 bytes in 20 directories, from memory, and sync.
prepare() {
    mkdir -p /tmp/tree && cd /tmp/tree
    for d in $(seq 20); do mkdir $d && (cd $d && seq 1000000 | head -c 2000000 | split -a 3 -b 2000 - file-); done
    tar --sort=name --mtime=@0 -C /tmp -cf /tmp/tree.tar tree
    cd /mnt && rm -r /tmp/tree
}
work() { tar xf /tmp/tree.tar && sync; }
check() { find tree -type f | wc -l; find tree -type f | sort | xargs cat | sha256sum; rm /tmp/tree.tar; }
