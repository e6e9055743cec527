# System V shared memory by raw calls: keys, modes, errors, attachments over fork, exec and exit, rights of a mapping. Prints the same on Linux.
import ctypes
import errno
import os
import struct
import subprocess
import sys
import time

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
SHMGET, SHMAT, SHMCTL, SHMDT, MPROTECT, MUNMAP, MMAP, MREMAP = 29, 30, 31, 67, 10, 11, 9, 25
CREAT, EXCL = 0o1000, 0o2000
RMID, SET, STAT, INFO, LOCK, UNLOCK, STAT_INDEX, SHM_INFO, STAT_ANY = 0, 1, 2, 3, 11, 12, 13, 14, 15
RDONLY, RND, REMAP, EXEC = 0o10000, 0o20000, 0o40000, 0o100000
PAGE = 4096


def call(number, *arguments):
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), *[a if isinstance(a, ctypes.Array) else ctypes.c_ulong(a & (1 << 64) - 1) for a in arguments])
    return -ctypes.get_errno() if result == -1 else result


def name(result):
    return errno.errorcode[-result] if result < 0 else "ok"


def stat(id, command=STAT):
    buffer = ctypes.create_string_buffer(112)
    result = call(SHMCTL, id, command, buffer)
    key, uid, gid, cuid, cgid, mode, seq, _, _, _, size, atime, dtime, ctime, cpid, lpid, nattch, _, _ = struct.unpack("<i5IHH4xQQQqqqiiQQQ", buffer.raw)
    return result, dict(key=key, uid=uid, gid=gid, cuid=cuid, cgid=cgid, mode=mode, size=size, atime=atime, dtime=dtime, ctime=ctime, cpid=cpid, lpid=lpid,
                        nattch=nattch, seq=seq)


def shown(id):
    result, s = stat(id)
    if result < 0:
        return name(result)
    mine = {os.getpid(): "me", os.getppid(): "parent", 0: "0"}
    return "%x %d:%d %d:%d %o %d %s %s n%d %s%s%s" % (
        s["key"] & 0xffffffff, s["uid"], s["gid"], s["cuid"], s["cgid"], s["mode"], s["size"], mine.get(s["cpid"], "other"), mine.get(s["lpid"], "other"),
        s["nattch"], *["-" if s[t] == 0 else "now" if abs(s[t] - time.time()) < 1000 else "wrong" for t in ("atime", "dtime", "ctime")])


def child(body, user=None):
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        if user is not None:
            os.setgroups([])
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)
        body()
        sys.stdout.flush()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def making():
    print("sizes", [name(call(SHMGET, 0, size, CREAT | 0o600)) for size in (0, 1 << 63, (1 << 64) - 1, (1 << 64) - (1 << 24), 1 << 46)])
    print("none", name(call(SHMGET, 77, 1, 0)), name(call(SHMGET, 77, 0, 0)), name(call(SHMGET, 77, 1, EXCL)))
    id = call(SHMGET, 77, 5000, CREAT | EXCL | 0o640)
    print("made", id >= 0, shown(id))
    print("again", call(SHMGET, 77, 0, 0) == id, call(SHMGET, 77, 5000, CREAT) == id, name(call(SHMGET, 77, 5001, CREAT)), name(call(SHMGET, 77, 1, CREAT | EXCL)))
    print("private", call(SHMGET, 0, 1, 0) != call(SHMGET, 0, 1, 0))
    print("hidden bits", name(call(SHMGET, 78, 1, CREAT | 0o10777)), shown(call(SHMGET, 78, 1, 0)))
    print("huge", name(call(SHMGET, 0, 1, CREAT | 0o4000 | 0o600)))
    print("others", child(lambda: print(name(call(SHMGET, 77, 0, 0)), name(call(SHMGET, 77, 0, 0o004)), name(call(SHMGET, 77, 0, 0o400)),
                                        name(call(SHMGET, 77, 9999, 0o400)), shown(id), name(call(SHMAT, id, 0, 0)), name(call(SHMAT, id, 0, RDONLY)),
                                        name(call(SHMCTL, id, RMID, 0)), name(call(SHMCTL, id, SET, ctypes.create_string_buffer(112))),
                                        name(call(SHMCTL, id, LOCK, 0))), 1000))
    buffer = ctypes.create_string_buffer(struct.pack("<i5I", 5, 1000, 1001, 7, 7, 0o7604) + bytes(88))
    print("given away", name(call(SHMCTL, id, SET, buffer)), shown(id))

    def owner():
        print(name(call(SHMGET, 77, 0, 0o600)), shown(id), name(call(SHMCTL, id, LOCK, 0)), shown(id), name(call(SHMCTL, id, UNLOCK, 0)))
        address = call(SHMAT, id, 0, 0)
        print(address > 0, shown(id), name(call(SHMDT, address)), shown(id))
        print(name(call(SHMCTL, id, RMID, 0)), shown(id), name(call(SHMAT, id, 0, 0)), name(call(SHMCTL, id, RMID, 0)))
    print("owner", child(owner, 1000))
    print("group", child(lambda: print(name(call(SHMGET, 78, 0, 0o777)), name(call(SHMGET, 78, 2, 0))), 1000))
    print("bad", [name(call(SHMCTL, i, c, 0)) for i, c in ((-1, STAT), (12345678, STAT), (0, 99), (-1, 99), (-1, INFO), (call(SHMGET, 78, 1, 0), STAT),
                                                           (call(SHMGET, 78, 1, 0), SET), (call(SHMGET, 78, 1, 0), STAT | 0x100))])
    call(SHMCTL, call(SHMGET, 78, 1, 0), RMID, 0)


def attaching():
    id = call(SHMGET, 0, 3 * PAGE + 5, 0o600)
    first, second = call(SHMAT, id, 0, 0), call(SHMAT, id, 0, RDONLY)
    print("twice", first != second, first % PAGE, shown(id))
    ctypes.memmove(first + 3 * PAGE, b"tail", 4)
    print("seen", ctypes.string_at(second + 3 * PAGE, 8), ctypes.string_at(second, 4))
    print("read-only", name(call(MPROTECT, second, PAGE, 3)), name(call(MPROTECT, second, PAGE, 5)), name(call(MPROTECT, first, 4 * PAGE, 3)))
    print("written", child(lambda: ctypes.memmove(second, b"x", 1)))
    print("nor by a child", child(lambda: print(name(call(MPROTECT, second + PAGE, PAGE, 3)), name(call(MPROTECT, first, PAGE, 3)))))
    third = call(MREMAP, call(SHMAT, id, 0, RDONLY), 4 * PAGE, 4 * PAGE, 3, call(MMAP, 0, 4 * PAGE, 3, 0x22, -1, 0))
    print("nor elsewhere", name(min(0, third)), name(call(MPROTECT, third, 4 * PAGE, 3)), ctypes.string_at(third + 3 * PAGE, 4), name(call(SHMDT, third)))
    print("split", name(call(MPROTECT, first + PAGE, PAGE, 1)), shown(id).split()[7], name(call(MPROTECT, first, 4 * PAGE, 3)))
    print("places", [name(call(SHMAT, id, a, f)) for a, f in ((first, 0), (first + 1, 0), (first + PAGE, 0), (0, REMAP), (1, RND | REMAP),
                                                              ((1 << 64) - PAGE, 0), (1 << 47, 0), ((1 << 47) - 2 * PAGE, 0))])
    print("bad ids", [name(call(SHMAT, i, a, 0)) for i, a in ((-1, 0), (1 << 30, 0), (1 << 30, 1))])
    print("exec", name(min(0, call(SHMAT, id, 0, EXEC | RDONLY))))
    call(SHMDT, second)
    before = stat(id)[1]["nattch"]
    hole = call(MMAP, 0, 16 * PAGE, 3, 0x22, -1, 0)
    call(MUNMAP, hole + 4 * PAGE, 4 * PAGE)
    print("there", call(SHMAT, id, hole + 4 * PAGE, 0) == hole + 4 * PAGE, name(call(SHMAT, id, hole + 8 * PAGE, 0)),
          call(SHMAT, id, hole + 8 * PAGE + 77, REMAP | RND) == hole + 8 * PAGE, stat(id)[1]["nattch"] - before)
    print("detached", name(call(SHMDT, hole + 5 * PAGE)), name(call(SHMDT, hole)), name(call(SHMDT, 1)), name(call(SHMDT, 0)),
          name(call(SHMDT, hole + 4 * PAGE)), name(call(SHMDT, hole + 4 * PAGE)), stat(id)[1]["nattch"] - before)
    call(MUNMAP, hole + 9 * PAGE, PAGE)
    print("holes", stat(id)[1]["nattch"] - before, name(call(SHMDT, hole + 8 * PAGE)), stat(id)[1]["nattch"] - before)
    call(MMAP, hole, 4 * PAGE, 3, 0x32, -1, 0)
    third = call(SHMAT, id, 0, 0)
    call(MUNMAP, third, PAGE)
    print("headless", name(call(SHMDT, third)), name(call(SHMDT, third + PAGE)), stat(id)[1]["nattch"] - before)
    call(MUNMAP, third, 4 * PAGE)
    print("unmapped", stat(id)[1]["nattch"] - before)
    moved = call(SHMAT, id, 0, 0)
    new = call(MREMAP, moved, 4 * PAGE, 4 * PAGE, 3, hole)
    print("moved", new == hole, ctypes.string_at(hole + 3 * PAGE, 4), stat(id)[1]["nattch"] - before, name(call(SHMDT, hole)), stat(id)[1]["nattch"] - before)
    print("maps", [" ".join(line.split()[1:3] + line.split()[5:]) for line in open("/proc/self/maps") if "SYSV" in line][:1])
    print("removed", name(call(SHMCTL, id, RMID, 0)), shown(id).split()[:6], name(min(0, call(SHMAT, id, 0, 0))))


def lives():
    id = call(SHMGET, 99, PAGE, CREAT | 0o600)
    address = call(SHMAT, id, 0, 0)

    def in_child():
        print("in the child", shown(id))
        ctypes.memmove(address, b"child", 5)
        print("removed", name(call(SHMCTL, id, RMID, 0)), shown(id), name(call(SHMGET, 99, 0, 0)))
        fresh = call(SHMGET, 99, PAGE, CREAT | EXCL | 0o600)
        print("fresh", fresh != id, shown(fresh), name(call(SHMCTL, fresh, RMID, 0)), shown(fresh))
    print("exit", child(in_child), shown(id), ctypes.string_at(address, 5))
    again = call(SHMAT, id, 0, 0)
    print("attached when removed", again > 0, shown(id), ctypes.string_at(again, 5))
    script = "import sys; sys.path.insert(0, '/'); import segments; print('after exec', segments.shown(%d))" % id
    print("exec", child(lambda: os.execv(sys.executable, [sys.executable, "-c", script])), shown(id))
    spawned = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, check=False)
    print("spawned", spawned.stdout, spawned.returncode, shown(id))

    def killed():
        print("before", stat(id)[1]["nattch"])
        sys.stdout.flush()
        os.kill(os.getpid(), 9)
    print("killed", child(killed), stat(id)[1]["nattch"])
    print("detached", name(call(SHMDT, again)), shown(id), name(call(SHMDT, address)), shown(id), name(call(SHMDT, address)))
    quiet = call(SHMGET, 0, PAGE, 0o600)
    call(SHMCTL, quiet, RMID, 0)
    print("never attached", shown(quiet), name(call(SHMAT, quiet, 0, 0)))

    def left():
        last = call(SHMGET, 98, PAGE, CREAT | 0o666)
        ctypes.memmove(call(SHMAT, last, 0, 0), b"stays", 5)
    print("left", child(left))
    last = call(SHMGET, 98, 0, 0)
    print("found", shown(last).replace("other", "gone"), ctypes.string_at(call(SHMAT, last, 0, RDONLY), 5), name(call(SHMCTL, last, RMID, 0)))


def figures():
    ids = [call(SHMGET, 0, size, mode) for size, mode in ((PAGE, 0o600), (10 * PAGE, 0o644), (1, 0o600))]
    info = ctypes.create_string_buffer(72)
    print("highest", call(SHMCTL, 0, INFO, info) >= 2, struct.unpack("<9Q", info.raw))
    used = ctypes.create_string_buffer(48)
    address = call(SHMAT, ids[1], 0, 0)
    ctypes.memset(address, 1, 3 * PAGE)
    print("used", call(SHMCTL, 0, SHM_INFO, used) >= 2, struct.unpack("<i4x5Q", used.raw))
    highest = call(SHMCTL, 0, SHM_INFO, used)
    by_index = {call(SHMCTL, i, STAT_INDEX, ctypes.create_string_buffer(112)) for i in range(highest + 1)}
    print("by index", set(ids) <= by_index, name(call(SHMCTL, highest + 1, STAT_INDEX, ctypes.create_string_buffer(112))),
          name(call(SHMCTL, highest, STAT_ANY, ctypes.create_string_buffer(112))), name(call(SHMCTL, 40000, STAT_INDEX, ctypes.create_string_buffer(112))))

    def other():
        results = [[name(min(0, call(SHMCTL, i, c, ctypes.create_string_buffer(112)))) for i in range(highest + 1)] for c in (STAT_INDEX, STAT_ANY)]
        print(sorted(results[0]), results[1])
        lines = open("/proc/sysvipc/shm").read().splitlines()
        print(lines[0], len(lines))
        for line in lines[1:]:
            words = line.split()
            print(words[0], words[2:4], words[7:11], words[14:], len(line))
    print("other", child(other, 1000))
    print([open("/proc/sys/kernel/shm" + f).read() for f in ("max", "all", "mni", "_rmid_forced")])
    open("/proc/sys/kernel/shmmax", "w").write("8192\n")
    open("/proc/sys/kernel/shmall", "w").write("13")
    print("bounds", name(call(SHMGET, 0, 8193, 0o600)), name(call(SHMGET, 0, 8192, 0o600)), name(call(SHMGET, 0, PAGE, 0o600)),
          open("/proc/sys/kernel/shmmax").read(), open("/proc/sys/kernel/shmall").read())
    for setting, value in (("max", 18446744073692774399), ("all", 18446744073692774399), ("mni", 4)):
        open("/proc/sys/kernel/shm" + setting, "w").write(str(value))
    print("number", name(min(0, call(SHMGET, 0, 1, 0o600))), name(call(SHMGET, 0, 1, 0o600)))
    open("/proc/sys/kernel/shmmni", "w").write("4096")
    for i in range(highest + 5):
        id = call(SHMCTL, i, STAT_ANY, ctypes.create_string_buffer(112))
        if id >= 0:
            call(SHMCTL, id, RMID, 0)
    call(SHMDT, address)
    print("none left", len(open("/proc/sysvipc/shm").read().splitlines()))


if __name__ == "__main__":
    for part in (making, attaching, lives, figures):
        print(part.__name__)
        part()
    print("done")
