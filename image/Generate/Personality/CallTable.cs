using Libsys.Abi;
using Microkernel.Image.Elf;

namespace Microkernel.Image.Generate.Personality;

/// <summary>
/// Handlers by Linux call number: those that take no longer than the search for them would have an entry of their own (HotCalls in the personality), all others
/// share one. C# without a runtime has no way to say a table of functions that needs no start-up code.
/// </summary>
internal static class CallTable
{
    /// <summary>Of the table.</summary>
    public const string Symbol = "call_table";

    // asm/unistd_64.h.
    private static readonly (int Number, string Name)[] Own =
    [
        (0, "read"), (1, "write"), (2, "open"), (3, "close"), (4, "stat"), (5, "fstat"), (6, "lstat"), (7, "poll"), (8, "lseek"), (17, "pread64"),
        (18, "pwrite64"), (19, "readv"), (20, "writev"), (21, "access"), (23, "select"), (32, "dup"), (39, "getpid"), (62, "kill"), (73, "flock"),
        (77, "ftruncate"), (82, "rename"), (83, "mkdir"), (84, "rmdir"), (86, "link"), (87, "unlink"), (89, "readlink"),
        (102, "getuid"), (104, "getgid"), (107, "geteuid"), (108, "getegid"), (110, "getppid"), (111, "getpgrp"), (186, "gettid"), (202, "futex"),
        (228, "clock_gettime"), (232, "epoll_wait"), (257, "openat"), (262, "newfstatat"), (281, "epoll_pwait"),
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
