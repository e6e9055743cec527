# Extended attributes, xattr(7): what each call answers on the directories that are given. Prints the same on every system.
import errno, os, socket, stat, struct, sys

CREATE, REPLACE = os.XATTR_CREATE, os.XATTR_REPLACE


def show(name, call, *arguments, **more):
    try:
        result = call(*arguments, **more)
        if isinstance(result, list):
            result = sorted(result)
        print(name, result if not isinstance(result, bytes) or len(result) < 50 else (len(result), result[:8]))
    except OSError as error:
        print(name, errno.errorcode[error.errno])


def as_user(call):
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setresgid(1000, 1000, 1000)
        os.setresuid(1000, 1000, 1000)
        call()
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(child, 0)


def attributes(path, **more):
    show('list', os.listxattr, path, **more)
    for name in ('user.a', 'trusted.a', 'security.a', 'system.a', 'other.a', 'user.', 'user', 'security.capability', 'x' * 255, 'user.' + 'n' * 250):
        show('get ' + name[:20], os.getxattr, path, name, **more)


# Of "security." users may nothing, xattr(7); but Debian's kernel has a module (bpf) that lets them.
def change(path, **more):
    for name in ('user.a', 'trusted.a', 'security.a', 'system.a', 'other.a', 'user.', 'trusted.', 'security.', 'nothing', '', 'x' * 256, 'user.' + 'n' * 250):
        if name.startswith('security') and os.geteuid() != 0:
            continue
        label = name[:20]
        show('replace ' + label, os.setxattr, path, name, b'0', REPLACE, **more)
        show('create ' + label, os.setxattr, path, name, b'1', CREATE, **more)
        show('create again ' + label, os.setxattr, path, name, b'2', CREATE, **more)
        show('replace again ' + label, os.setxattr, path, name, b'value', REPLACE, **more)
        show('both ' + label, os.setxattr, path, name, b'3', CREATE | REPLACE, **more)
        show('set ' + label, os.setxattr, path, name, b'\0any bytes\xff', **more)
        show('flags ' + label, os.setxattr, path, name, b'3', 4, **more)
        show('empty ' + label, os.setxattr, path, name, b'', **more)
        show('get ' + label, os.getxattr, path, name, **more)
        show('list', os.listxattr, path, **more)
        show('remove ' + label, os.removexattr, path, name, **more)
        show('remove again ' + label, os.removexattr, path, name, **more)
        show('get ' + label, os.getxattr, path, name, **more)


def sizes(path, longest):
    for size in (1, 100, 1000, 3000, longest):
        show('size %d' % size, os.setxattr, path, 'trusted.large', bytes(range(256)) * (size // 256) + b'e' * (size % 256))
        show('size %d' % size, os.getxattr, path, 'trusted.large')
    show('too large', os.setxattr, path, 'trusted.large', b'x' * 65537)
    show('still', os.getxattr, path, 'trusted.large')
    show('remove', os.removexattr, path, 'trusted.large')


# getxattr(2) and listxattr(2) themselves: what a buffer that is too short, or no buffer, gets.
def buffers(path):
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    target = path.encode()
    os.setxattr(path, 'trusted.b', b'0123456789')
    memory = ctypes.create_string_buffer(100)
    for size in (0, 1, 9, 10, 11, 100, 70000):
        room = memory if size <= 100 else ctypes.create_string_buffer(size)
        ctypes.set_errno(0)
        print('get', size, libc.getxattr(target, b'trusted.b', room, size), errno.errorcode.get(ctypes.get_errno()), room.raw[:12])
        ctypes.set_errno(0)
        print('list', size, libc.listxattr(target, room, size), errno.errorcode.get(ctypes.get_errno()))
    for name, call in (('get', lambda: libc.getxattr(target, b'trusted.b', ctypes.c_void_p(8), 10)), ('list', lambda: libc.listxattr(target, ctypes.c_void_p(8), 100)),
                       ('name', lambda: libc.getxattr(target, ctypes.c_void_p(8), memory, 10)), ('path', lambda: libc.getxattr(ctypes.c_void_p(8), b'user.x', memory, 10)),
                       ('value', lambda: libc.setxattr(target, b'trusted.c', ctypes.c_void_p(8), 10, 0)), ('no value', lambda: libc.setxattr(target, b'trusted.c', None, 0, 0)),
                       ('missing and wrong', lambda: libc.setxattr(target + b'-', b'', ctypes.c_void_p(8), 10, 9)), ('descriptor', lambda: libc.fgetxattr(99, b'', memory, 10))):
        ctypes.set_errno(0)
        print(name, call(), errno.errorcode.get(ctypes.get_errno()))
    os.removexattr(path, 'trusted.b')
    os.removexattr(path, 'trusted.c')


def times(path):
    os.utime(path, ns=(1, 2))
    before = os.stat(path)
    show('time', os.setxattr, path, 'trusted.t', b'1')
    after = os.stat(path)
    print(before.st_mtime_ns == after.st_mtime_ns, before.st_atime_ns == after.st_atime_ns)
    show('time', os.removexattr, path, 'trusted.t')


for directory, longest in (('/t', 60000), ('/m', 3500)):
    os.chdir(directory)
    print('==', directory)
    open('file', 'w').close()
    os.mkdir('directory')
    os.symlink('file', 'link')
    os.symlink('none', 'dangling')
    os.mkfifo('fifo')
    os.mknod('device', stat.S_IFCHR | 0o666, os.makedev(1, 3))
    socket.socket(socket.AF_UNIX).bind('socket')
    for name in ('file', 'directory', 'fifo', 'device', 'socket', 'link'):
        print('--', name)
        change(name, follow_symlinks=False)
    print('-- through a link')
    show('set', os.setxattr, 'link', 'trusted.l', b'of the file')
    show('file', os.getxattr, 'file', 'trusted.l')
    show('link', os.getxattr, 'link', 'trusted.l', follow_symlinks=False)
    show('dangling', os.setxattr, 'dangling', 'trusted.l', b'x')
    show('missing', os.listxattr, 'nothing/there')
    print('-- by a descriptor')
    descriptor = os.open('file', os.O_RDONLY)
    change(descriptor)
    only = os.open('file', os.O_PATH)
    show('O_PATH', os.getxattr, only, 'trusted.l')
    show('O_PATH', os.listxattr, only)
    reading, writing = os.pipe()
    show('pipe', os.getxattr, reading, 'user.a')
    show('pipe', os.setxattr, reading, 'user.a', b'1')
    show('remove', os.removexattr, 'file', 'trusted.l')
    print('-- sizes')
    sizes('file', longest)
    buffers('file')
    times('file')
    print('-- who may')
    os.setxattr('file', 'security.a', b's')
    os.setxattr('file', 'trusted.a', b't')
    for mode in (0o600, 0o644, 0o666):
        os.chmod('file', mode)
        as_user(lambda: attributes('file'))
        as_user(lambda: change('file'))
    os.chmod('directory', 0o1777)
    as_user(lambda: change('directory'))
    os.chmod('directory', 0o777)
    as_user(lambda: change('directory'))
    os.chown('file', 1000, 1000)
    as_user(lambda: change('file'))
    attributes('file')
    print('-- capabilities')
    for length, revision in ((20, 0x2000000), (20, 0x2000001), (19, 0x2000000), (20, 0x1000000), (12, 0x1000000)):
        value = struct.pack('<I', revision) + bytes(30)
        show('capability %d %x' % (length, revision), os.setxattr, 'file', 'security.capability', value[:length])
        show('is', os.getxattr, 'file', 'security.capability')
    as_user(lambda: show('user', os.setxattr, 'file', 'security.capability', struct.pack('<IIIII', 0x2000000, 0, 0, 0, 0)))
    if directory == '/m':
        for name, call in (('write', lambda: os.write(os.open('file', os.O_WRONLY), b'x')), ('truncate', lambda: os.truncate('file', 0)),
                           ('chown', lambda: os.chown('file', 0, 0)), ('chmod', lambda: os.chmod('file', 0o755))):
            os.setxattr('file', 'security.capability', struct.pack('<IIIII', 0x2000000, 0, 0, 0, 0))
            call()
            show(name, os.getxattr, 'file', 'security.capability')
for path in ('/proc/self/status', '/dev/null', '/'):
    show(path, os.listxattr, path)
    show(path, os.getxattr, path, 'trusted.none')
print('done')
