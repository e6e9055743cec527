prepare() {
    mkdir -p /tmp/source && cd /tmp/source
    for i in 1 2 3 4 5 6 7 8; do printf '#include <stdio.h>\n#include <stdlib.h>\nint f%s(int x) { return printf("%%d\\n", x * %s); }\n' $i $i > f$i.c; done
    printf 'int f3(int); int f7(int);\nint main(void) { f3(1); return f7(2) != 3; }\n' > main.c
    printf 'all: $(patsubst %%.c,%%.o,$(sort $(wildcard *.c)))\n\t@gcc -o program $^\n%%.o: %%.c\n\t@gcc -c $< -o $@\n' > Makefile
    tar -C /tmp -cf /tmp/source.tar source && cd /mnt && rm -r /tmp/source
    echo 'int x;' | gcc -x c -c -o /tmp/x.o -
}
work() { tar xf /tmp/source.tar && make -C source --no-print-directory && sync; }
check() { source/program; ls source | wc -l; }
