find /usr/lib/python3.11 /usr/include -type f -newermt 1990-01-01 -printf '%s\n' | awk '{ s += $1 } END { print NR, s }'
