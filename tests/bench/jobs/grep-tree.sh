grep -r 'define' /usr/include | wc -l; grep -rlE 'struct [a-z]+ \{' /usr/include | sort | sha256sum
