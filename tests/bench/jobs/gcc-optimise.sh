cat > primes.c <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static int compare(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }
int main(void)
{
    enum { most = 400000 };
    char *composite = calloc(most, 1);
    int *found = malloc(most * sizeof *found), count = 0;
    for (int i = 2; i < most; i++) {
        if (composite[i]) continue;
        found[count++] = (i * 7919) % 1000003;
        for (long j = (long)i * i; j < most; j += i) composite[j] = 1;
    }
    qsort(found, count, sizeof *found, compare);
    printf("%d %d %d\n", count, found[0], found[count - 1]);
    return 0;
}
C
gcc -O2 primes.c -o primes && ./primes
