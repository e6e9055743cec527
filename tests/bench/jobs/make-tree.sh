mkdir src
for i in 1 2 3 4 5 6; do echo "int f$i(int x) { return x * $i; }" > src/f$i.c; done
printf 'objects := $(patsubst %%.c,%%.o,$(sort $(wildcard src/*.c)))\nall.a: $(objects)\n\t@ar rcs $@ $^\n%%.o: %%.c\n\t@echo cc $<; gcc -c $< -o $@\n' > Makefile
make && touch src/f3.c && make
