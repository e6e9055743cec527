cat /usr/lib/python3.11/[a-d]*.py > data && gzip -k data && xz -k0 data && zcat data.gz | cmp - data && xzcat data.xz | cmp - data && echo same
