"""What a program gets done while a driver is killed again and again.

throughput.py SERVER DISK SECONDS ROUNDS PERIODS: writes, synchronises and reads back the disk, for so many seconds without a kill and then with one every so
often (PERIODS, seconds separated by commas), so many times in turn, because a host is not equally busy all the time. Prints a line for each:

    rate SERVER PERIOD KILLS TRANSFERS MICROSECONDS ERRORS DIFFERENT
"""

import fcntl
import os
import random
import sys
import threading
import time

from campaign import commit
from programs import FLUSH_BUFFERS

# Large enough that the host's part of a transfer is not all of it, small enough that a kill meets one in the middle.
LENGTH = 64 * 1024
CONTENTS = 16

# Of transfers, one is read back from the disk.
READ_EVERY = 4


class Work:
    """Runs of blocks, each of which has one of few contents, so that comparing costs little."""

    def __init__(self, path):
        self.file = os.open(path, os.O_RDWR)
        self.places = os.lseek(self.file, 0, os.SEEK_END) // LENGTH
        self.random = random.Random(1)
        self.contents = [self.random.randbytes(LENGTH) for _ in range(CONTENTS)]
        self.written = {}
        self.transfers = self.errors = self.different = 0

    def step(self):
        try:
            place, content = self.random.randrange(self.places), self.random.randrange(CONTENTS)
            os.pwrite(self.file, self.contents[content], place * LENGTH)
            self.written[place] = content
            os.fsync(self.file)
            if self.transfers % READ_EVERY == 0:
                fcntl.ioctl(self.file, FLUSH_BUFFERS)
                place = self.random.choice(tuple(self.written))
                self.different += os.pread(self.file, LENGTH, place * LENGTH) != self.contents[self.written[place]]
        except OSError:
            self.errors += 1
        self.transfers += 1


def kill(server, period, stop, done):
    """Kills a server every so often; appends to a list for each that was there to be killed."""
    due = time.monotonic() + period
    while not stop.wait(max(due - time.monotonic(), 0)):
        due += period
        if commit(server, "kill"):
            done.append(server)


def measure(work, server, period, seconds):
    stop, kills = threading.Event(), []
    killer = threading.Thread(target=kill, args=(server, period, stop, kills)) if period else None
    before = (work.transfers, work.errors, work.different)
    start = time.monotonic()
    if killer:
        killer.start()
    while time.monotonic() - start < seconds:
        work.step()
    taken = time.monotonic() - start
    stop.set()
    if killer:
        killer.join()
    print("rate", server, period, len(kills), work.transfers - before[0], int(taken * 1e6), work.errors - before[1], work.different - before[2], flush=True)


def main(server, path, seconds, rounds, periods):
    work = Work(path)
    for _ in range(int(rounds)):
        for period in (0, *map(float, periods.split(","))):
            measure(work, server, period, float(seconds))


if __name__ == "__main__":
    main(*sys.argv[1:])
