// fio keeps what its threads share in a System V segment and has no option against it; this system has no such calls. Loaded before the C library, on both
// systems, this gives it memory of its own: all that threads of one process need.
#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/shm.h>

// fio has one for each few thousand threads.
#define MOST 64

static size_t lengths[MOST];
static int made;

int shmget(key_t key, size_t size, int flags)
{
    (void)key;
    (void)flags;
    if (made == MOST) {
        errno = ENOSPC;
        return -1;
    }
    lengths[made] = size;
    return made++;
}

void *shmat(int segment, const void *address, int flags)
{
    (void)address;
    (void)flags;
    return mmap(NULL, lengths[segment], PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

int shmdt(const void *address)
{
    (void)address;
    return 0;
}

int shmctl(int segment, int command, struct shmid_ds *state)
{
    (void)segment;
    (void)command;
    (void)state;
    return 0;
}
