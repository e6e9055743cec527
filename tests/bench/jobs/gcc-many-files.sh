for i in 1 2 3 4 5 6 7 8; do
    printf '#include <string.h>\nint part%d(const char *s) { return strlen(s) + %d; }\n' $i $i > part$i.c
    gcc -c part$i.c
done
{ for i in 1 2 3 4 5 6 7 8; do echo "int part$i(const char *);"; done
  echo '#include <stdio.h>'
  echo 'int main(void) { printf("%d\n", part1("a") + part2("b") + part3("c") + part4("d") + part5("e") + part6("f") + part7("g") + part8("h")); return 0; }'; } > main.c
gcc main.c part?.o -o all && ./all
