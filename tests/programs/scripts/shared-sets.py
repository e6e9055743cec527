# Sets of epoll that a process and its children have: fork, exec, SCM_RIGHTS, selectors. Prints the same on Linux.
import multiprocessing
import os
import select
import selectors
import socket
import subprocess
import sys


def child(body):
    pid = os.fork()
    if pid == 0:
        os._exit(body() or 0)
    return pid


def status(pid):
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def one_list():
    near, far = socket.socketpair()
    poll = select.epoll()

    def add():
        poll.register(far, select.EPOLLIN)
        near.send(b"x")

    pid = child(add)
    print("added by the child", poll.poll() == [(far.fileno(), select.EPOLLIN)], status(pid))
    far.recv(1)
    print("modified", status(child(lambda: poll.modify(far, select.EPOLLOUT))), poll.poll(0) == [(far.fileno(), select.EPOLLOUT)])
    print("removed", status(child(lambda: poll.unregister(far))), poll.poll(0))
    try:
        poll.unregister(far)
    except FileNotFoundError:
        print("not there")


def selectors_after_fork():
    chosen = selectors.DefaultSelector()
    pairs = [os.pipe() for _ in range(20)]
    for number, (read, _) in enumerate(pairs):
        chosen.register(read, selectors.EVENT_READ, number)

    def write():
        for number, (_, to) in enumerate(pairs):
            os.write(to, bytes([number]))

    pid = child(write)
    seen = set()
    while len(seen) < len(pairs):
        for key, _ in chosen.select():
            seen.add((key.data, os.read(key.fd, 1)[0]))
    print("selected", sorted(seen) == [(number, number) for number in range(len(pairs))], status(pid))
    # The child's close takes nothing from the parent's.
    print("closed", status(child(lambda: [os.close(read) for read, _ in pairs] and 0)))
    os.write(pairs[3][1], b"!")
    print("still", [key.data for key, _ in chosen.select()])
    chosen.close()


def over_exec():
    read, write = os.pipe()
    poll = select.epoll()
    poll.register(read, select.EPOLLIN)
    os.set_inheritable(poll.fileno(), True)
    text = "import os, select, sys; poll = select.epoll.fromfd(int(sys.argv[1])); print('executed', len(poll.poll()))"
    run = subprocess.Popen([sys.executable, "-c", text, str(poll.fileno())], close_fds=False)
    os.write(write, b"e")
    print("status", run.wait(), len(poll.poll(0)))


def sent():
    near, far = socket.socketpair()
    poll = select.epoll()
    read, write = os.pipe()

    def receive():
        _, numbers, _, _ = socket.recv_fds(far, 8, 1)
        got = select.epoll.fromfd(numbers[0])
        got.register(write, select.EPOLLOUT)
        return len(got.poll())

    pid = child(receive)
    poll.register(read, select.EPOLLIN)
    socket.send_fds(near, [b"s"], [poll.fileno()])
    print("sent", status(pid), poll.poll() == [(write, select.EPOLLOUT)])


def workers():
    # A pool of processes, whose queues lie on pipes, while this one has a set.
    poll = select.epoll()
    read, write = os.pipe()
    poll.register(read, select.EPOLLIN)
    with multiprocessing.get_context("fork").Pool(3) as pool:
        print("pool", pool.map(abs, range(-20, 0)) == list(range(20, 0, -1)))
    os.write(write, b"w")
    print("mine", len(poll.poll()))


for part in (one_list, selectors_after_fork, over_exec, sent, workers):
    sys.stdout.flush()
    part()
print("done")
