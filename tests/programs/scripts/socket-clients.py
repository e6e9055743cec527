"""Sockets, selectors and event loops of python3 as programs use them: docs/epoll.md. Prints the same on Linux. Arguments: the parts to run; all without."""
import asyncio, os, select, selectors, signal, socket, socketserver, struct, subprocess, sys, tempfile, threading

def show(*what):
    print(*what, flush=True)

home = tempfile.mkdtemp()
def path(name):
    return os.path.join(home, name)

def sockets():
    a, b = socket.socketpair()
    t = threading.Thread(target=lambda: (a.sendall(b"y" * 1000000), a.shutdown(socket.SHUT_WR)))
    t.start()
    total = 0
    while piece := b.recv(65536):
        total += len(piece)
    t.join()
    show("stream", total)
    b.settimeout(0.05)
    a2, b2 = socket.socketpair()
    b2.settimeout(0.05)
    try:
        b2.recv(1)
    except TimeoutError as error:
        show("timeout", error)
    d = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    d.bind(path("datagram"))
    c = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    c.bind(path("client"))
    c.sendto(b"hello", path("datagram"))
    data, address = d.recvfrom(100)
    show("datagram", data, os.path.basename(address))
    s = socket.socket(socket.AF_UNIX)
    s.bind(path("stream"))
    s.listen(5)
    k = socket.socket(socket.AF_UNIX)
    k.connect(path("stream"))
    server, _ = s.accept()
    r, w = os.pipe()
    socket.send_fds(k, [b"fds"], [r, w])
    data, fds, flags, _ = socket.recv_fds(server, 10, 5)
    os.write(fds[1], b"through")
    show("descriptors", data, len(fds), os.read(r, 10))
    show("peer", struct.unpack("3i", server.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[1:])
    show("names", os.path.basename(k.getpeername()), repr(k.getsockname()))
    for name in ("missing", "datagram"):
        try:
            socket.socket(socket.AF_UNIX).connect(path(name))
        except OSError as error:
            show("error", error.errno, error.strerror)
    f = server.makefile("rwb")
    k.sendall(b"line one\nline two\n")
    show("lines", f.readline(), f.readline())

def kinds():
    for kind in ("SelectSelector", "PollSelector", "EpollSelector", "DefaultSelector"):
        selector = getattr(selectors, kind)()
        pairs = [socket.socketpair() for _ in range(20)]
        for number, (a, b) in enumerate(pairs):
            a.setblocking(False)
            selector.register(a, selectors.EVENT_READ | (selectors.EVENT_WRITE if number % 5 == 0 else 0), number)
        pairs[3][1].send(b"3")
        pairs[10][1].send(b"10")
        found = sorted((key.data, events) for key, events in selector.select(1))
        show(kind, found)
        selector.modify(pairs[0][0], selectors.EVENT_READ, 100)
        for number in (5, 10, 15):
            selector.unregister(pairs[number][0])
        show(kind, sorted((key.data, events) for key, events in selector.select(0)))
        pairs[3][0].recv(10)
        show(kind, selector.select(0), selector.select(0.02))
        pairs[7][1].close()
        show(kind, sorted((key.data, events) for key, events in selector.select(1)))
        selector.close()

def epolls():
    e = select.epoll()
    r, w = os.pipe()
    e.register(r, select.EPOLLIN | select.EPOLLET)
    os.write(w, b"a")
    show("edge", e.poll(1) == [(r, select.EPOLLIN)], e.poll(0))
    os.write(w, b"b")
    show("edge again", e.poll(1) == [(r, select.EPOLLIN)], e.poll(0))
    outer = select.epoll()
    outer.register(e.fileno(), select.EPOLLIN)
    os.write(w, b"c")
    show("nested", outer.poll(1) == [(e.fileno(), select.EPOLLIN)])
    e.modify(r, select.EPOLLIN | select.EPOLLONESHOT)
    show("shot", len(e.poll(1)), len(e.poll(0)))
    a, b = socket.socketpair()
    e.register(a, select.EPOLLRDHUP)
    b.shutdown(socket.SHUT_WR)
    show("half closed", [events for fd, events in e.poll(1) if fd == a.fileno()] == [select.EPOLLRDHUP])
    s = socket.socket(socket.AF_UNIX)
    s.bind(path("waited"))
    s.listen()
    e.register(s, select.EPOLLIN | select.EPOLLEXCLUSIVE)
    for call in (lambda: e.register(s, 1), lambda: e.modify(s, 1), lambda: e.modify(77, 1), lambda: e.register(e.fileno(), 1)):
        try:
            call()
        except OSError as error:
            show("epoll error", error.errno)
    k = socket.socket(socket.AF_UNIX)
    k.connect(path("waited"))
    show("listener", [fd for fd, _ in e.poll(1)].count(s.fileno()))

class Echo(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(line.upper())

def servers():
    for kind in ("UnixStreamServer", "ThreadingUnixStreamServer", "ForkingUnix"):
        base = {"ForkingUnix": type("F", (socketserver.ForkingMixIn, socketserver.UnixStreamServer), {})}.get(kind) or getattr(socketserver, kind)
        with base(path(kind), Echo) as server:
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
            thread.start()
            for client in range(5):
                with socket.socket(socket.AF_UNIX) as s:
                    s.connect(path(kind))
                    s.sendall(b"hello %d\n" % client)
                    s.shutdown(socket.SHUT_WR)
                    answer = b""
                    while piece := s.recv(100):
                        answer += piece
                    show(kind, answer)
            server.shutdown()
            thread.join()

async def loops():
    async def serve(reader, writer):
        while line := await reader.readline():
            writer.write(line[::-1])
            await writer.drain()
        writer.close()
    server = await asyncio.start_unix_server(serve, path("loop"))
    async def client(number):
        reader, writer = await asyncio.open_unix_connection(path("loop"))
        total = 0
        for turn in range(20):
            line = b"%d-%d " % (number, turn) + b"z" * 5000 + b"\n"
            writer.write(line)
            total += await reader.readexactly(len(line)) == line[::-1]
        writer.close()
        return total
    show("clients", sum(await asyncio.gather(*(client(n) for n in range(20)))))
    big = os.urandom(1) * 3000000
    async def count(reader, writer):
        total = 0
        while piece := await reader.read(100000):
            total += len(piece)
        show("big", total)
        done.set()
    done = asyncio.Event()
    other = await asyncio.start_unix_server(count, path("big"))
    reader, writer = await asyncio.open_unix_connection(path("big"))
    writer.write(big)
    await writer.drain()
    writer.close()
    await done.wait()
    process = await asyncio.create_subprocess_exec("sh", "-c", "read line; echo got $line; exit 3", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    out, _ = await process.communicate(b"word\n")
    show("process", out, process.returncode)
    loop = asyncio.get_running_loop()
    got = asyncio.Event()
    loop.add_signal_handler(signal.SIGUSR1, got.set)
    os.kill(os.getpid(), signal.SIGUSR1)
    await asyncio.wait_for(got.wait(), 5)
    show("signal")
    show("thread", await loop.run_in_executor(None, lambda: 42))
    try:
        await asyncio.wait_for(asyncio.sleep(10), 0.02)
    except asyncio.TimeoutError:
        show("in time")
    server.close()
    other.close()

def work(connection, number):
    connection.send([number, "x" * number])
    show_back = connection.recv()
    connection.send(show_back * 2)

def processes():
    import multiprocessing
    for method in ("fork", "spawn"):
        context = multiprocessing.get_context(method)
        here, there = context.Pipe()
        child = context.Process(target=work, args=(there, 5))
        child.start()
        first = here.recv()
        here.send("back")
        show(method, first, here.recv())
        child.join()
        show(method, child.exitcode)
    from multiprocessing.connection import Listener, Client
    with Listener(path("listener"), authkey=b"key") as listener:
        thread = threading.Thread(target=lambda: Client(path("listener"), authkey=b"key").send("authentic"))
        thread.start()
        with listener.accept() as connection:
            show("listener", connection.recv())
        thread.join()

parts = {"sockets": sockets, "kinds": kinds, "epolls": epolls, "servers": servers, "loops": lambda: asyncio.run(loops()), "processes": processes}
if __name__ == "__main__":
    for name in sys.argv[1:] or parts:
        parts[name]()
    show("done")
