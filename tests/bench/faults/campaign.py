"""Faults of drivers under programs that write, synchronise, read and compare.

campaign.py SEED COUNT SERVERS KINDS DISKS: commits so many faults, each of a random kind in a random server of the lists (separated by
commas; a name that stands there twice is as likely again), at random moments. Prints a line for each, and one for each program in the end:

    fault NUMBER SERVER KIND RESTARTS NOTICED QUIESCED READY FIRST FAILURE     microseconds since the fault
    work NAME OPERATIONS ERRORS DIFFERENT
"""

import errno
import fcntl
import os
import random
import sys
import time
import zlib

STOP = "/tmp/stop"
BLOCK = 4096
FLUSH_BUFFERS = 0x1261  # BLKFLSBUF, linux/fs.h

# Seconds between two faults, on average.
PAUSE = 0.02

# What need not show: overwritten memory may be met late or never, and an answer that is late is none that is wrong.
MAY_PASS = ("wild", "code", "delay", "double", "corrupt", "drop", "garbage")

# Seconds until a fault that has to show has been found, and one that need not.
LONGEST, SHORT = 20.0, 0.3


class Disk:
    """A part of a disk, written and read by blocks: what has been written is known by its checksum."""

    def __init__(self, name, path, first, blocks, seed):
        self.name, self.path, self.first, self.blocks = name, path, first, blocks
        self.random = random.Random(seed)
        self.sums = {}
        self.operations = self.errors = self.different = 0
        self.file = os.open(path, os.O_RDWR)

    def write(self):
        start = self.random.randrange(self.blocks)
        count = min(self.random.choice((1, 1, 2, 4, 16)), self.blocks - start)
        data = self.random.randbytes(count * BLOCK)
        os.pwrite(self.file, data, (self.first + start) * BLOCK)
        for number in range(count):
            self.sums[start + number] = zlib.crc32(data[number * BLOCK:(number + 1) * BLOCK])
        self.operations += 1

    def compare(self):
        # From the disk, not from the cache.
        fcntl.ioctl(self.file, FLUSH_BUFFERS)
        for start in self.random.sample(sorted(self.sums), min(len(self.sums), 16)):
            data = os.pread(self.file, BLOCK, (self.first + start) * BLOCK)
            self.operations += 1
            if zlib.crc32(data) != self.sums[start]:
                self.different += 1
                print(f"{self.name}: block {start} differs", flush=True)

    def step(self):
        for _ in range(self.random.randrange(1, 8)):
            self.write()
        os.fsync(self.file)
        self.compare()

    def end(self):
        os.fsync(self.file)
        fcntl.ioctl(self.file, FLUSH_BUFFERS)
        for start, checksum in self.sums.items():
            self.operations += 1
            if zlib.crc32(os.pread(self.file, BLOCK, (self.first + start) * BLOCK)) != checksum:
                self.different += 1
                print(f"{self.name}: block {start} differs in the end", flush=True)


def run(program):
    """Runs a program in a process of its own until STOP appears; what it found stands in a file then."""
    child = os.fork()
    if child:
        return child
    while not os.path.exists(STOP):
        attempt(program, program.step)
    attempt(program, program.end)
    with open(f"/tmp/work.{program.name}", "w") as file:
        print("work", program.name, program.operations, program.errors, program.different, file=file)
    os._exit(0)


def attempt(program, step):
    try:
        step()
    except OSError as error:
        program.errors += 1
        print(f"{program.name}: {error}", flush=True)


def read(server, name):
    with open(f"/sys/servers/{server}/{name}") as file:
        return file.read().rstrip("\n")


def commit(server, kind):
    """Asks for a fault; False: the server is not there to commit it."""
    try:
        with open(f"/sys/servers/{server}/inject", "w") as file:
            file.write(kind)
        return True
    except OSError as error:
        if error.errno != errno.EAGAIN:
            raise
        return False


def restarted(server, before, patience):
    """The times of a restart that is known to be over: a list of numbers, or None when none was seen."""
    end = time.monotonic() + patience
    while True:
        latency = dict(line.split() for line in read(server, "latency_us").splitlines())
        if int(latency["generation"]) > before + 1 and read(server, "state") == "running":
            return [latency[name] for name in ("noticed", "quiesced", "ready", "first")]
        if time.monotonic() > end:
            return None
        time.sleep(0.001)


def inject(choice, number, servers, kinds):
    server, kind = choice.choice(servers), choice.choice(kinds)
    time.sleep(choice.expovariate(1 / PAUSE))
    before = int(read(server, "restarts"))
    again = kind == "kill-twice"
    while not commit(server, "kill" if again else kind):
        time.sleep(0.001)
        before = int(read(server, "restarts"))
    if again:
        # The successor, too, while it starts.
        end = time.monotonic() + 0.05
        while time.monotonic() < end and int(read(server, "restarts")) == before:
            pass
        commit(server, "kill")
    times = restarted(server, before, SHORT if kind in MAY_PASS else LONGEST)
    found = read(server, "last_failure") if times else "-"
    if not times and kind in MAY_PASS:
        # Whatever it has left in the process does not wait for the next fault.
        before = int(read(server, "restarts"))
        commit(server, "kill")
        restarted(server, before, LONGEST)
    count = int(read(server, "restarts")) - before
    print("fault", number, server, kind, count if times else 0, *(times or [0] * 4), found, flush=True)


def halves(path, seed):
    blocks = os.lseek(os.open(path, os.O_RDONLY), 0, os.SEEK_END) // BLOCK
    name = os.path.basename(path)
    return [Disk(f"{name}.{part}", path, part * blocks // 2, blocks // 2, seed + part) for part in range(2)]


def main():
    seed, count = int(sys.argv[1]), int(sys.argv[2])
    servers, kinds, disks = (argument.split(",") for argument in sys.argv[3:6])
    programs = [half for number, path in enumerate(disks) for half in halves(path, 2 * (seed + number))]
    children = [run(program) for program in programs]
    choice = random.Random(seed)
    for number in range(count):
        inject(choice, number, servers, kinds)
    open(STOP, "w").close()
    for child in children:
        os.waitpid(child, 0)
    for program in programs:
        with open(f"/tmp/work.{program.name}") as file:
            print(file.read(), end="")


main()
