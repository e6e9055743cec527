cat /usr/lib/python3.11/*.py | tr -cs 'A-Za-z' '\n' | sort | uniq -c | sort -k1,1nr -k2 | head -20 | awk '{ print $2, $1 }'
