using Libsys.Abi;
using Microkernel.Image.Elf;

namespace Microkernel.Image.Generate.Personality;

/// <summary>
/// Handlers by Linux call number: those that take no longer than the search for them would have an entry of their own (HotCalls and LocalCalls in the
/// personality), all others share one. C# without a runtime has no way to say a table of functions that needs no start-up code.
/// </summary>
internal static class CallTable
{
    /// <summary>Of the table.</summary>
    public const string Symbol = "call_table";

    // asm/unistd_64.h.
    private static readonly (int Number, string Name)[] Own =
    [
        (0, "read"), (1, "write"), (2, "open"), (3, "close"), (4, "stat"), (5, "fstat"), (6, "lstat"), (7, "poll"), (8, "lseek"), (9, "mmap"),
        (10, "mprotect"), (11, "munmap"), (13, "rt_sigaction"), (14, "rt_sigprocmask"), (16, "ioctl"), (17, "pread64"), (18, "pwrite64"), (19, "readv"),
        (20, "writev"), (21, "access"), (23, "select"), (32, "dup"), (33, "dup2"), (39, "getpid"), (44, "sendto"), (45, "recvfrom"), (62, "kill"),
        (72, "fcntl"), (73, "flock"), (77, "ftruncate"), (82, "rename"), (83, "mkdir"), (84, "rmdir"), (86, "link"), (87, "unlink"), (89, "readlink"),
        (102, "getuid"), (104, "getgid"), (107, "geteuid"), (108, "getegid"), (110, "getppid"), (111, "getpgrp"), (186, "gettid"), (200, "tkill"),
        (202, "futex"), (217, "getdents64"), (228, "clock_gettime"), (232, "epoll_wait"), (233, "epoll_ctl"), (234, "tgkill"), (257, "openat"),
        (262, "newfstatat"), (281, "epoll_pwait"), (286, "timerfd_settime"), (295, "preadv"), (296, "pwritev"), (318, "getrandom"),
    ];

    public static void Emit(ObjectFile o)
    {
        o.ReadOnlyData.Align(8);
        o.DefineHere(Symbol, o.ReadOnlyData);
        for (int number = 0; number < PersonalityHeader.CallTableLength; number++)
        {
            string? name = Own.FirstOrDefault(call => call.Number == number).Name;
            o.ReadOnlyData.Pointer64(name is null ? "call_any" : "call_" + name);
        }
    }
}
