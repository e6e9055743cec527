python3 -c '
import os, socket
one, other = socket.socketpair()
if os.fork() == 0:
    one.close()
    while (data := other.recv(4096)): other.sendall(data[::-1])
    os._exit(0)
other.close()
received = 0
for i in range(1500):
    one.sendall(b"%d" % i)
    received += len(one.recv(4096))
one.close()
os.wait()
print(received)'
