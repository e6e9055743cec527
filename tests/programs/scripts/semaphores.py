# System V semaphores and message queues by raw calls: values, waits, signals, removal, SEM_UNDO, rights, limits. Prints the same on Linux.
import ctypes
import os
import signal
import struct
import threading
import time

from segments import CREAT, EXCL, INFO, RMID, SET, STAT, call, child, name

SEMGET, SEMOP, SEMCTL, SEMTIMEDOP, MSGGET, MSGSND, MSGRCV, MSGCTL = 64, 65, 66, 220, 68, 69, 70, 71
GETPID, GETVAL, GETALL, GETNCNT, GETZCNT, SETVAL, SETALL, SEM_STAT, SEM_INFO, SEM_STAT_ANY = range(11, 21)
MSG_STAT, MSG_INFO, MSG_STAT_ANY = 11, 12, 13
NOWAIT, UNDO, NOERROR, EXCEPT, COPY = 0o4000, 0x1000, 0o10000, 0o20000, 0o40000


def operate(id, *operations, timeout=None):
    buffer = ctypes.create_string_buffer(b"".join(struct.pack("<Hhh", n, c, f) for n, c, f in operations))
    if timeout is None:
        return call(SEMOP, id, buffer, len(operations))
    return call(SEMTIMEDOP, id, buffer, len(operations), ctypes.create_string_buffer(struct.pack("<qq", *timeout)))


def values(id, count):
    buffer = ctypes.create_string_buffer(2 * count)
    result = call(SEMCTL, id, 0, GETALL, buffer)
    return list(struct.unpack("<%dH" % count, buffer.raw)) if result == 0 else name(result)


def who(pid):
    return {os.getpid(): "me", os.getppid(): "parent", 0: "0"}.get(pid, "other")


def when(seconds):
    return "-" if seconds == 0 else "now" if abs(seconds - time.time()) < 1000 else "wrong"


def semaphore_status(id, command=STAT):
    buffer = ctypes.create_string_buffer(104)
    result = call(SEMCTL, id, 0, command, buffer)
    key, uid, gid, cuid, cgid, mode, _, _, _, _, otime, _, ctime, _, count, _, _ = struct.unpack("<i5IHH4xQQqQqQQQQ", buffer.raw)
    return name(result) if result < 0 else "%x %d:%d %d:%d %o %s%s %d" % (key, uid, gid, cuid, cgid, mode, when(otime), when(ctime), count)


def queue_status(id, command=STAT):
    buffer = ctypes.create_string_buffer(120)
    result = call(MSGCTL, id, command, buffer)
    key, uid, gid, cuid, cgid, mode, _, _, _, _, stime, rtime, ctime, size, count, most, sender, receiver, _, _ = struct.unpack(
        "<i5IHH4xQQqqqQQQiiQQ", buffer.raw)
    return name(result) if result < 0 else "%x %d:%d %d:%d %o %s%s%s %d/%d/%d %s %s" % (
        key, uid, gid, cuid, cgid, mode, when(stime), when(rtime), when(ctime), size, count, most, who(sender), who(receiver))


def after(seconds, body):
    timer = threading.Timer(seconds, body)
    timer.start()
    return timer


def semaphores():
    print("bad", [name(call(SEMGET, 0, n, CREAT)) for n in (0, -1, 32001)], name(call(SEMGET, 9, 1, 0)))
    id = call(SEMGET, 9, 3, CREAT | EXCL | 0o640)
    print("made", id >= 0, semaphore_status(id), values(id, 3))
    print("again", call(SEMGET, 9, 0, 0) == id, call(SEMGET, 9, 3, CREAT) == id, name(call(SEMGET, 9, 4, 0)), name(call(SEMGET, 9, 1, CREAT | EXCL)))
    print("set", [name(call(SEMCTL, id, n, SETVAL, v)) for n, v in ((0, 5), (1, 32767), (2, 32768), (2, -1), (3, 1), (-1, 1), (2, 1 << 32))], values(id, 3))
    print("get", [call(SEMCTL, id, n, GETVAL) for n in (0, 1, 2)], [name(call(SEMCTL, id, n, c)) for n, c in ((3, GETVAL), (-1, GETVAL), (3, GETPID), (0, 99))],
          who(call(SEMCTL, id, 0, GETPID)), who(call(SEMCTL, id, 2, GETPID)))
    print("all", name(call(SEMCTL, id, 9, SETALL, ctypes.create_string_buffer(struct.pack("<3H", 1, 2, 3)))), values(id, 3),
          name(call(SEMCTL, id, 0, SETALL, ctypes.create_string_buffer(struct.pack("<3H", 1, 40000, 3)))), name(call(SEMCTL, id, 0, SETALL, 0)), values(id, 3))
    print("steps", name(operate(id, (0, -1, 0), (1, 3, 0), (0, 0, 0), (2, -3, 0))), values(id, 3), semaphore_status(id))
    print("none of them", name(operate(id, (1, -5, 0), (2, -1, NOWAIT))), values(id, 3), name(operate(id, (1, -5, 0), (1, 32767, 0), (1, 32767, 0))), values(id, 3))
    print("zero", name(operate(id, (2, 0, 0))), name(operate(id, (1, 0, NOWAIT))), name(operate(id, (1, 32763, NOWAIT))))
    print("wrong", name(operate(id, (3, 1, 0))), name(operate(id)), name(operate(id, *[(0, 0, 0)] * 501)), name(operate(id, *[(0, 0, 0)] * 500)),
          name(operate(1 << 30, (0, 1, 0))), name(operate(-1, (0, 1, 0))), name(call(SEMOP, id, 0, 1)))
    print("time", name(operate(id, (0, -1, 0), timeout=(0, 0))), name(operate(id, (0, -1, 0), timeout=(0, 50_000_000))),
          name(operate(id, (0, -1, 0), timeout=(0, -1))), name(operate(id, (0, -1, 0), timeout=(0, 10 ** 9))), name(operate(id, (0, 1, 0), timeout=(0, 0))))
    print("a hundred", (many := call(SEMGET, 0, 300, 0o600)) >= 0, values(many, 300) == [0] * 300,
          name(call(SEMCTL, many, 0, SETALL, ctypes.create_string_buffer(struct.pack("<300H", *range(300))))), values(many, 300) == list(range(300)))
    call(SEMCTL, many, 0, RMID)

    def other():
        print(name(call(SEMGET, 9, 0, 0o400)), name(call(SEMGET, 9, 4, 0o400)), semaphore_status(id), name(operate(id, (0, 1, 0))), name(operate(id, (2, 0, 0))),
              [name(call(SEMCTL, id, 0, c, 0)) for c in (GETVAL, SETVAL, GETALL, RMID, GETNCNT)], name(call(SEMCTL, id, 5, GETVAL)), name(call(SEMCTL, id, 5, SETVAL, 1)),
              name(call(SEMCTL, id, 0, SETVAL, 70000)), name(call(SEMCTL, id, 0, SET, ctypes.create_string_buffer(104))), name(call(SEMCTL, id, 0, 99)))
    print("other", child(other, 1000))
    print("given", name(call(SEMCTL, id, 0, SET, ctypes.create_string_buffer(struct.pack("<i5I", 5, 1000, 1001, 7, 7, 0o7444) + bytes(80)))), semaphore_status(id))
    print("reader", child(lambda: print(name(operate(id, (0, 1, 0))), name(operate(id, (2, 0, 0))), values(id, 3), name(call(SEMCTL, id, 0, RMID)), semaphore_status(id)), 1000))


def waiting():
    id = call(SEMGET, 0, 2, 0o600)

    def one():
        print("waited", name(operate(id, (0, -2, 0), (1, 1, 0))), values(id, 2))
    pid = os.fork()
    if pid == 0:
        one()
        os._exit(0)
    while call(SEMCTL, id, 0, GETNCNT) != 1:
        time.sleep(0.01)
    print("counts", [call(SEMCTL, id, n, c) for n in (0, 1) for c in (GETNCNT, GETZCNT)], flush=True)
    operate(id, (0, 1, 0))
    time.sleep(0.1)
    print("not yet", values(id, 2), call(SEMCTL, id, 0, GETNCNT), flush=True)
    operate(id, (0, 1, 0))
    os.waitpid(pid, 0)
    print("done", values(id, 2), call(SEMCTL, id, 0, GETNCNT), who(call(SEMCTL, id, 0, GETPID)))
    signal.signal(signal.SIGALRM, lambda *_: print("handler"))
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    print("signal", name(operate(id, (0, -1, 0))), values(id, 2), call(SEMCTL, id, 0, GETNCNT))
    timer = after(0.1, lambda: operate(id, (1, -1, 0)))
    print("zero", name(operate(id, (1, 0, 0))), values(id, 2))
    timer.join()
    timer = after(0.1, lambda: call(SEMCTL, id, 0, SETVAL, 7))
    print("set", name(operate(id, (0, -7, 0))), values(id, 2))
    timer.join()
    timer = after(0.1, lambda: call(SEMCTL, id, 0, RMID))
    print("removed", name(operate(id, (0, -7, 0), timeout=(60, 0))), name(operate(id, (0, -7, 0))), semaphore_status(id))
    timer.join()
    turns = call(SEMGET, 0, 2, 0o600)

    def player(mine, other):
        for _ in range(200):
            operate(turns, (mine, -1, 0))
            operate(turns, (other, 1, 0))
    pid = os.fork()
    if pid == 0:
        player(1, 0)
        os._exit(0)
    operate(turns, (0, 1, 0))
    player(0, 1)
    print("turns", os.waitpid(pid, 0)[1], values(turns, 2))
    call(SEMCTL, turns, 0, RMID)


def undoing():
    id = call(SEMGET, 0, 3, 0o600)
    call(SEMCTL, id, 0, SETVAL, 10)

    def takes():
        operate(id, (0, -3, UNDO), (1, 4, UNDO), (2, 5, 0))
        operate(id, (0, -2, UNDO))
        print("taken", values(id, 3), name(operate(id, (1, 32000, UNDO), (1, -32000, 0), (1, 32000, UNDO))), values(id, 3))
    print("back", child(takes), values(id, 3), who(call(SEMCTL, id, 0, GETPID)), semaphore_status(id))

    def forgets():
        operate(id, (0, -3, UNDO), (1, 1, UNDO))
        call(SEMCTL, id, 0, SETVAL, 20)
        operate(id, (0, -1, UNDO))
    print("forgotten", child(forgets), values(id, 3))

    def not_inherited():
        operate(id, (0, -5, UNDO))
        print("child's child", child(lambda: None), values(id, 3), flush=True)
        operate(id, (1, 1, UNDO))
        os.execv("/bin/sh", ["sh", "-c", "cut -d' ' -f1 /proc/sysvipc/sem >/dev/null; kill -9 $$"])
    print("after exec", child(not_inherited), values(id, 3))

    def bounded():
        operate(id, (0, 5, UNDO))
        call_in_parent.append(0)
    call_in_parent = []
    print("wakes", (timer := after(0.2, lambda: child(lambda: operate(id, (2, 3, UNDO), (2, -8, 0))))) is not None, name(operate(id, (2, 0, 0), (0, -25, NOWAIT))))
    timer.join()
    print("bounded", child(bounded), values(id, 3))
    call(SEMCTL, id, 0, RMID)


def send(id, kind, text, flags=NOWAIT):
    return call(MSGSND, id, ctypes.create_string_buffer(struct.pack("<q", kind) + text), len(text), flags)


def receive(id, kind, flags=NOWAIT, room=100):
    buffer = ctypes.create_string_buffer(8 + room)
    result = call(MSGRCV, id, buffer, room, kind, flags)
    return name(result) if result < 0 else (struct.unpack("<q", buffer.raw[:8])[0], buffer.raw[8:8 + result])


def queues():
    print("none", name(call(MSGGET, 5, 0)))
    id = call(MSGGET, 5, CREAT | EXCL | 0o620)
    print("made", id >= 0, queue_status(id), name(call(MSGGET, 5, CREAT | EXCL)), call(MSGGET, 5, 0) == id)
    print("sent", [name(send(id, k, t)) for k, t in ((3, b"three"), (1, b"one"), (2, b""), (3, b"x" * 50), (0, b""), (-1, b""), (1, b"a" * 8193))], queue_status(id))
    print("wrong", name(call(MSGSND, id, 0, 1, 0)), name(call(MSGSND, 1 << 30, ctypes.create_string_buffer(16), 1, 0)), name(call(MSGSND, -1, 0, 1, 0)),
          name(call(MSGSND, id, ctypes.create_string_buffer(struct.pack("<q", 1)), -1, 0)), name(call(MSGRCV, id, 0, -1, 0, 0)), receive(1 << 30, 0))
    print("copied", receive(id, 0, COPY | NOWAIT), receive(id, 3, COPY | NOWAIT), receive(id, 4, COPY | NOWAIT), receive(id, 0, COPY), receive(id, 0, COPY | EXCEPT | NOWAIT))
    print("too long", receive(id, -3, room=2), receive(id, 3, room=3), receive(id, 3, NOERROR | NOWAIT, room=3))
    print("chosen", receive(id, -2), receive(id, 3, EXCEPT | NOWAIT), receive(id, 7), receive(id, -2), receive(id, 0), receive(id, 0), queue_status(id))
    print("full", [name(send(id, 1, b"b" * 8192)) for _ in range(3)], name(send(id, 1, b"")), receive(id, 0, room=9000)[1] == b"b" * 8192, name(send(id, 1, b"c")))
    while receive(id, 0, NOERROR | NOWAIT) != "ENOMSG":
        pass
    print("empty ones", sum(send(id, 1, b"") == 0 for _ in range(16385)))
    while receive(id, 0) != "ENOMSG":
        pass
    timer = after(0.1, lambda: (send(id, 2, b"not this"), send(id, 9, b"late")))
    print("waited", receive(id, 9, 0), queue_status(id))
    timer.join()
    send(id, 1, b"d" * 8000)
    send(id, 1, b"d" * 8000)
    timer = after(0.1, lambda: receive(id, 1, 0, 8000))
    print("room", name(send(id, 4, b"e" * 1000, 0)))
    timer.join()
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    print("signal", receive(id, 77, 0))
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    print("signal", name(send(id, 1, b"f" * 8000, 0)))

    def writer():
        print(name(call(MSGGET, 5, 0o200)), name(call(MSGGET, 5, 0o600)), name(send(id, 1, b"g")), receive(id, 0), name(call(MSGCTL, id, RMID, 0)), queue_status(id),
              name(call(MSGCTL, id, SET, ctypes.create_string_buffer(120))))
    print("others", child(writer, 1000))
    record = struct.pack("<i5I", 5, 1000, 1001, 7, 7, 0o7600) + bytes(64) + struct.pack("<Q", 20000) + bytes(24)
    print("given", name(call(MSGCTL, id, SET, ctypes.create_string_buffer(record))), queue_status(id))
    print("owner", child(lambda: print(name(call(MSGCTL, id, SET, ctypes.create_string_buffer(record))), queue_status(id),
                                       name(call(MSGCTL, id, SET, ctypes.create_string_buffer(record.replace(struct.pack("<Q", 20000), struct.pack("<Q", 50))))),
                                       queue_status(id)), 1000))
    timer = after(0.1, lambda: call(MSGCTL, id, RMID, 0))
    print("removed", receive(id, 77, 0), receive(id, 77, 0), queue_status(id))
    timer.join()


def figures():
    ids = [call(SEMGET, 0, n, 0o600) for n in (2, 5)]
    queue = call(MSGGET, 0, 0o600)
    send(queue, 1, b"text")
    buffer = ctypes.create_string_buffer(40)
    print("semaphores", [(call(SEMCTL, 0, 0, c, buffer) >= 1, struct.unpack("<10i", buffer.raw)) for c in (INFO, SEM_INFO)])
    message = ctypes.create_string_buffer(32)
    print("queues", [(call(MSGCTL, 0, c, message) >= 0, struct.unpack("<7iH", message.raw[:30])) for c in (INFO, MSG_INFO)])
    highest = call(SEMCTL, 0, 0, SEM_INFO, buffer)
    by_place = {call(SEMCTL, i, 0, SEM_STAT, ctypes.create_string_buffer(104)) for i in range(highest + 1)}
    print("by place", set(ids) <= by_place, queue in {call(MSGCTL, i, MSG_STAT_ANY, ctypes.create_string_buffer(120)) for i in range(call(MSGCTL, 0, MSG_INFO, message) + 1)})
    for file in ("sem", "msg"):
        lines = open("/proc/sysvipc/" + file).read().splitlines()
        print(lines[0])
        for line in lines[1:]:
            print(line.split()[2:5], len(line))
    print([open("/proc/sys/kernel/" + f).read() for f in ("sem", "msgmax", "msgmnb", "msgmni")])
    for id in ids:
        call(SEMCTL, id, 0, RMID)
    call(MSGCTL, queue, RMID, 0)


if __name__ == "__main__":
    for part in (semaphores, waiting, undoing, queues, figures):
        print(part.__name__, flush=True)
        part()
    print("done")
