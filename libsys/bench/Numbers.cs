namespace Libsys.Bench;

/// <summary>System calls by number (asm/unistd_64.h), and their constants (the manual pages of the calls).</summary>
internal static class Numbers
{
    public const long Read = 0, Write = 1, Open = 2, Close = 3, Stat = 4, Fstat = 5, Poll = 7, Lseek = 8, Mmap = 9, Mprotect = 10, Munmap = 11, Access = 21;
    public const long Pread = 17, Pwrite = 18, Pipe = 22, Select = 23, Madvise = 28, Dup = 32, Nanosleep = 35, Getpid = 39, Sendfile = 40, Socket = 41;
    public const long Flock = 73, Connect = 42, Accept = 43, Bind = 49, Listen = 50, SocketPair = 53, Fork = 57, Execve = 59, Wait = 61, Kill = 62, Rename = 82;
    public const long Mkdir = 83, Rmdir = 84, Link = 86, Unlink = 87, Symlink = 88, Readlink = 89, Getppid = 110, SignalMask = 14, Futex = 202;
    public const long Getdents = 217, ExitGroup = 231, EpollWait = 232, EpollControl = 233, TimerCreate = 283, TimerSet = 286, SignalDescriptor = 289;
    public const long Event = 290, EpollCreate = 291, Preadv = 295, GetRandom = 318, Gettid = 186, Truncate = 77, ThreadKill = 200, GetSocketName = 51;

    public const long ReadOnly = 0, WriteOnly = 1, ReadWrite = 2, CreateNew = 0x40, Directory = 0x10000;
    public const long ProtectRead = 1, ProtectReadWrite = 3, MapShared = 1, MapPrivateAnonymous = 0x22, MapSharedAnonymous = 0x21, DontNeed = 4;
    public const long ForAll = 0x1B6, Executable = 0x1FF, LockExclusive = 2, LockUnlock = 8;
    public const int UserSignal = 10, OtherUserSignal = 12, PollIn = 1;
}
