"""Faults of drivers under programs that write, synchronise, read and compare.

campaign.py SEED COUNT SERVERS KINDS DISKS FILESYSTEMS: commits so many faults, each of a random kind in a random server of the lists
(separated by commas; a name that stands there twice is as likely again), at random moments. Programs work on the disks as they are, and on
the last ones as file systems, which are made first. Prints a line for each, and one for each program in the end:

    fault NUMBER SERVER KIND RESTARTS NOTICED QUIESCED READY FIRST FAILURE     microseconds since the fault
    work NAME OPERATIONS ERRORS DIFFERENT
"""

import errno
import os
import random
import subprocess
import sys
import time

from programs import BLOCK, STOP, Database, Disk, Files, Repository, run

# Seconds between two faults, on average.
PAUSE = 0.02

# What need not show: overwritten memory may be met late or never, and an answer that is late is none that is wrong.
MAY_PASS = ("wild", "code", "delay", "double", "corrupt", "stray", "drop", "garbage")

# What only drivers of disks can commit.
OF_DISKS = ("stuck",)
DRIVERS_OF_DISKS = ("virtio-blk", "nvme")

# Seconds until a fault that has to show has been found, and one that need not.
LONGEST, SHORT = 20.0, 0.3


def may_pass(server, kind):
    return kind in MAY_PASS or (kind in OF_DISKS and server not in DRIVERS_OF_DISKS)


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
    times = restarted(server, before, SHORT if may_pass(server, kind) else LONGEST)
    found = read(server, "last_failure") if times else "-"
    if not times and may_pass(server, kind):
        # Whatever it has left in the process does not wait for the next fault.
        before = int(read(server, "restarts"))
        commit(server, "kill")
        restarted(server, before, LONGEST)
    count = int(read(server, "restarts")) - before
    print("fault", number, server, kind, count if times else 0, *(times or [0] * 4), found, flush=True)


def halves(path, seed):
    """A program for each half of a disk: name, and what makes it."""
    blocks = os.lseek(os.open(path, os.O_RDONLY), 0, os.SEEK_END) // BLOCK
    for part in range(2):
        name = f"{os.path.basename(path)}.{part}"
        yield name, lambda name=name, part=part: Disk(name, path, part * blocks // 2, blocks // 2, 2 * seed + part)


def users(path, seed):
    """Makes a file system and mounts it; the programs on it."""
    subprocess.run(("mke2fs", "-q", "-F", "-t", "ext4", path), check=True)
    directory = place(path)
    os.makedirs(directory)
    subprocess.run(("mount", "-t", "ext4", path, directory), check=True)
    for kind in (Files, Database, Repository):
        name = f"{os.path.basename(path)}.{kind.__name__.lower()}"
        yield name, lambda name=name, kind=kind: kind(name, directory, seed)


def place(path):
    return os.path.join("/tmp", os.path.basename(path))


def check(path):
    """Whether e2fsck finds anything: a line as of a program."""
    subprocess.run(("umount", place(path)), check=True)
    done = subprocess.run(("e2fsck", "-fn", path), capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stdout, flush=True)
    print("work", f"{os.path.basename(path)}.e2fsck", 1, 0, int(done.returncode != 0), flush=True)


def main():
    seed, count = int(sys.argv[1]), int(sys.argv[2])
    servers, kinds, disks, file_systems = (argument.split(",") for argument in sys.argv[3:7])
    programs = [half for number, path in enumerate(disks) for half in halves(path, seed + number)]
    programs += [user for number, path in enumerate(file_systems) for user in users(path, seed + number)]
    children = [run(name, make) for name, make in programs]
    choice = random.Random(seed)
    for number in range(count):
        inject(choice, number, servers, kinds)
    open(STOP, "w").close()
    for child in children:
        os.waitpid(child, 0)
    for name, _ in programs:
        with open(f"/tmp/work.{name}") as file:
            print(file.read(), end="", flush=True)
    for path in file_systems:
        check(path)


if __name__ == "__main__":
    main()
