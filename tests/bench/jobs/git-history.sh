git init -q -b main . && for i in 1 2 3 4 5 6 7 8 9 10; do seq $i 1000 > numbers; git add numbers; git commit -q -m "commit $i"; done
git log --oneline --format=%s | tail -3 && git diff --stat HEAD~5 && git blame -s numbers | wc -l && git bisect start HEAD HEAD~8 | wc -l
