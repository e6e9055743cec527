using System;
using System.Runtime;
using Bare;

namespace CallCosts;

/// <summary>
/// What Linux calls cost, a line each: nanoseconds an operation, which are instructions under ICOUNT=1. Without an argument it ends at once: what exec is
/// measured with.
/// </summary>
internal static class Program
{
    // Enough for the costs of the first rounds, when pages are touched and tables grow, not to show.
    private const int Rounds = 1000, RoundsOfProcesses = 50;

    [RuntimeExport("program_main")]
    private static int Main(int argumentCount, ulong arguments)
    {
        if (argumentCount < 2)
            return 0;
        var operations = new Operations(arguments + sizeof(ulong));
        Measure("getppid"u8, Operation.ParentId, Rounds, operations);
        Measure("read 1 of /dev/zero"u8, Operation.ReadZero, Rounds, operations);
        Measure("write 1 to /dev/null"u8, Operation.WriteNull, Rounds, operations);
        Measure("pread 4096"u8, Operation.ReadPage, Rounds, operations);
        Measure("pwrite 4096"u8, Operation.WritePage, Rounds, operations);
        Measure("stat"u8, Operation.Stat, Rounds, operations);
        Measure("fstat"u8, Operation.Fstat, Rounds, operations);
        Measure("open and close"u8, Operation.OpenAndClose, Rounds, operations);
        Measure("create, write 4096, close, unlink"u8, Operation.CreateAndRemove, Rounds, operations);
        Measure("pipe write and read 1 by oneself"u8, Operation.ThroughPipe, Rounds, operations);
        Measure("mmap 64 KiB anonymous, touch, munmap"u8, Operation.MapAnonymous, Rounds, operations);
        Measure("mmap 64 KiB of a file, touch, munmap"u8, Operation.MapFile, Rounds, operations);
        Measure("mmap 64 KiB of a file privately, write, munmap"u8, Operation.WritePrivate, Rounds, operations);
        Measure("mmap 1 MiB of a file, touch, munmap"u8, Operation.MapLarge, Rounds, operations);
        Measure("create, ftruncate, mmap 64 KiB, write, munmap, close, unlink"u8, Operation.FillNew, Rounds, operations);
        Measure("the same, read instead of written"u8, Operation.ReadHoles, Rounds, operations);
        Measure("fork, exit, wait"u8, Operation.Fork, RoundsOfProcesses, operations);
        Measure("fork, exec, exit, wait"u8, Operation.Execute, RoundsOfProcesses, operations);
        Measure("eventfd write and read by oneself"u8, Operation.ThroughCounter, Rounds, operations);
        Measure("poll of a ready eventfd"u8, Operation.PollCounter, Rounds, operations);
        Measure("epoll_wait of a ready eventfd"u8, Operation.EpollCounter, Rounds, operations);
        return 0;
    }

    private static void Measure(ReadOnlySpan<byte> name, Operation operation, int rounds, in Operations operations)
    {
        for (int round = 0; round < rounds / 2; round++)
            operations.Do(operation);
        long began = Calls.Now();
        for (int round = 0; round < rounds; round++)
            operations.Do(operation);
        Report.Line(name, (Calls.Now() - began) / rounds);
    }
}
