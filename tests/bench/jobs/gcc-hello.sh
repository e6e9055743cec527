printf '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n' > hello.c
gcc hello.c -o hello && ./hello
