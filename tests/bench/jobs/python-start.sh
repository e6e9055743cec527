for i in 1 2 3 4 5 6 7 8; do python3 -c 'print("started")'; done
