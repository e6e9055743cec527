git init -q -b main . && seq 100 > f && git add f && git commit -q -m base
git checkout -q -b other && sed -i 's/^10$/ten/' f && git commit -q -a -m ten && git checkout -q main && sed -i 's/^90$/ninety/' f && git commit -q -a -m ninety
git merge -q other -m both && grep -n 'n[ie]' f && git stash list | wc -l && git archive HEAD | tar tf -
