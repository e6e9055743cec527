"""Programs that work while drivers fail: each has steps, and an end in which it looks at all that it has done."""

import fcntl
import hashlib
import os
import random
import sqlite3
import subprocess
import zlib

STOP = "/tmp/stop"
BLOCK = 4096

# A program that has done nothing shows nothing: on a busy host it goes on when the faults are over. One that only fails has had its chances.
LEAST = 3
FLUSH_BUFFERS = 0x1261  # BLKFLSBUF, linux/fs.h


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


class Files:
    """Files of a directory that are written anew, synchronised and renamed over the last: whoever reads one finds one whole version."""

    def __init__(self, name, directory, seed):
        self.name, self.directory = name, directory
        self.random = random.Random(seed)
        self.sums = {}
        self.operations = self.errors = self.different = 0

    def step(self):
        number = self.random.randrange(40)
        data = self.random.randbytes(self.random.choice((10, 5000, 70000)))
        path = os.path.join(self.directory, str(number))
        with open(path + ".new", "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.rename(path + ".new", path)
        self.sums[number] = hashlib.sha1(data).digest()
        self.compare(self.random.choice(sorted(self.sums)))
        self.operations += 1

    def compare(self, number):
        with open(os.path.join(self.directory, str(number)), "rb") as file:
            if hashlib.sha1(file.read()).digest() != self.sums[number]:
                self.different += 1
                print(f"{self.name}: file {number} differs", flush=True)

    def end(self):
        for number in self.sums:
            self.compare(number)
            self.operations += 1


class Database:
    """A database of sqlite: each transaction moves something from one row to another, so that the sum stays, and the rows have their checksums."""

    ROWS, SUM = 50, 50 * 1000

    def __init__(self, name, directory, seed):
        self.name, self.path = name, os.path.join(directory, "database")
        self.random = random.Random(seed)
        self.operations = self.errors = self.different = 0
        self.file = sqlite3.connect(self.path)
        self.file.execute("create table account (number integer primary key, value integer, filler blob)")
        self.file.executemany("insert into account values (?, ?, ?)", ((row, 1000, b"") for row in range(self.ROWS)))
        self.file.commit()

    def step(self):
        one, other = self.random.sample(range(self.ROWS), 2)
        filler = self.random.randbytes(self.random.randrange(2000))
        with self.file:
            self.file.execute("update account set value = value - 1, filler = ? where number = ?", (filler, one))
            self.file.execute("update account set value = value + 1 where number = ?", (other,))
        self.operations += 1
        if self.operations % 20 == 0:
            self.end()

    def end(self):
        # Opened anew, so that nothing of it is remembered.
        self.file.close()
        self.file = sqlite3.connect(self.path)
        found = self.file.execute("pragma integrity_check").fetchall()
        total = self.file.execute("select sum(value) from account").fetchone()[0]
        if found != [("ok",)] or total != self.SUM:
            self.different += 1
            print(f"{self.name}: {found}, sum {total}", flush=True)


class Repository:
    """A repository of git: commits, and looks whether all objects are whole."""

    def __init__(self, name, directory, seed):
        self.name, self.directory = name, os.path.join(directory, "repository")
        self.random = random.Random(seed)
        self.operations = self.errors = self.different = 0
        os.mkdir(self.directory)
        self.git("init", "-q")
        # What it has written is on the disk when it says so.
        for setting in (("core.fsync", "all"), ("gc.auto", "0"), ("user.name", "nobody"), ("user.email", "nobody@localhost")):
            self.git("config", *setting)

    def git(self, *arguments):
        done = subprocess.run(("git", "-C", self.directory, *arguments), capture_output=True, text=True, check=False)
        if done.returncode:
            raise OSError(f"git {arguments[0]}: {done.returncode} {done.stderr.strip()}")

    def step(self):
        with open(os.path.join(self.directory, str(self.random.randrange(10))), "w", encoding="ascii") as file:
            file.write(self.random.randbytes(self.random.randrange(3000)).hex())
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", str(self.operations))
        self.operations += 1
        if self.operations % 10 == 0:
            self.end()

    def end(self):
        self.git("fsck", "--full", "--strict")


def run(name, make):
    """Runs a program in a process of its own until STOP appears; what it found stands in a file then."""
    child = os.fork()
    if child:
        return child
    program = make()
    while not os.path.exists(STOP) or program.operations + program.errors < LEAST:
        attempt(program, program.step)
    attempt(program, program.end)
    with open(f"/tmp/work.{name}", "w") as file:
        print("work", name, program.operations, program.errors, program.different, file=file)
    os._exit(0)


def attempt(program, step):
    try:
        step()
    except (OSError, sqlite3.Error) as error:
        program.errors += 1
        print(f"{program.name}: {error}", flush=True)
