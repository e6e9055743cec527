git init -q -b main a && cd a && for i in $(seq 60); do seq $i > f$i; done && git add . && git commit -q -m all && cd ..
git clone -q a b && git -C b fsck 2>&1 | wc -l && git -C b gc -q && git -C b rev-list --count HEAD && ls b | wc -l
