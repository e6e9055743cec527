for i in 1 2 3 4; do echo "int value$i(void) { return $i; }" > value$i.c; gcc -O1 -fPIC -c value$i.c; done
ar rcs libvalue.a value?.o && gcc -shared value?.o -o libvalue.so && nm libvalue.a | grep -c ' T '
echo '#include <stdio.h>
int value1(void), value4(void); int main(void) { printf("%d\n", value1() + value4()); return 0; }' > main.c
gcc main.c libvalue.a -o static && gcc main.c -L. -lvalue -Wl,-rpath,"$PWD" -o dynamic && ./static && ./dynamic
