# Threads that wait on one set of epoll: who is woken, what is taken, changes while they wait. Prints the same on Linux.
import os
import select
import threading
import time

THREADS = 8


def run(body):
    threads = [threading.Thread(target=body, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    return threads


def tokens(how):
    # Each byte is taken by one of them; the next is written when it has been.
    poll = select.epoll()
    read, write = os.pipe2(os.O_NONBLOCK)
    stop, stopping = os.pipe()
    taken = threading.Semaphore(0)
    counts = [0] * THREADS
    poll.register(read, how)
    poll.register(stop, select.EPOLLIN)

    def take(number):
        while True:
            found = dict(poll.poll())
            if stop in found:
                return
            try:
                counts[number] += len(os.read(read, 1))
                if how & select.EPOLLONESHOT:
                    poll.modify(read, how)
                taken.release()
            except BlockingIOError:
                pass

    threads = run(take)
    for _ in range(300):
        os.write(write, b"t")
        taken.acquire()
    os.write(stopping, b"s")
    for thread in threads:
        thread.join()
    return sum(counts)


def edges():
    # An edge that nobody takes is told one of them.
    poll = select.epoll()
    read, write = os.pipe()
    woken = []
    poll.register(read, select.EPOLLIN | select.EPOLLET)
    threads = run(lambda number: woken.append(len(poll.poll())))
    seen = []
    for number in range(THREADS):
        time.sleep(0.1)
        seen.append(len(woken))
        os.write(write, b"e")
    for thread in threads:
        thread.join()
    return seen, woken


def changes():
    # They wait on an empty set that another thread fills; and those whose time is over leave.
    poll = select.epoll()
    read, write = os.pipe()
    os.write(write, b"c")
    found = []
    threads = run(lambda number: found.append(len(poll.poll(0.05 if number % 2 else None))))
    time.sleep(0.5)
    late = len(found)
    poll.register(read, select.EPOLLIN)
    for thread in threads:
        thread.join()
    return late, sorted(found)


def forked():
    # A fork while they wait: the set is both processes' then, and they go on.
    poll = select.epoll()
    read, write = os.pipe()
    poll.register(read, select.EPOLLIN)
    found = []
    threads = run(lambda number: found.append(len(poll.poll())))
    time.sleep(0.2)
    pid = os.fork()
    if pid == 0:
        os.write(write, b"f")
        os._exit(len(poll.poll()))
    for thread in threads:
        thread.join()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), found


for how in (select.EPOLLIN, select.EPOLLIN | select.EPOLLET, select.EPOLLIN | select.EPOLLONESHOT, select.EPOLLIN | select.EPOLLEXCLUSIVE):
    print("tokens", how, tokens(how))
print("edges", *edges())
print("changes", *changes())
print("forked", *forked())
print("done")
