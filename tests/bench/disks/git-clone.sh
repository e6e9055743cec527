# Of a repository on the same disk, that is not in memory, with its working tree, and sync.
COLD=1
prepare() {
    git init -q -b main a && cd a
    for d in $(seq 20); do mkdir $d && (cd $d && seq 100000 | head -c 400000 | split -a 3 -b 8000 - file-); done
    git add . && git commit -q -m all && git gc -q && cd ..
}
work() { git clone -q --no-hardlinks a b && sync; }
check() { git -C b rev-parse HEAD; git -C b status --short | wc -l; git -C b fsck 2>&1 | wc -l; }
