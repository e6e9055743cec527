git init -q -b main . && for i in $(seq 150); do echo "line $i" > file$i; done
git add . && git commit -q -m first && echo changed > file7 && git commit -q -a -m second
git log --format=%s && git status --short && git ls-files | wc -l
