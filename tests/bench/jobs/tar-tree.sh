tar -C /usr -cf tree.tar include && mkdir out && tar -C out -xf tree.tar && diff -r /usr/include out/include && find out | wc -l && rm -r out
