dd if=/dev/zero bs=64k count=300 2>/dev/null | cat | sha256sum; head -c 3000000 /dev/zero | tr '\0' 'x' | wc -c
