using Bare;
using Hostile;
using Libsys.Abi;
using Libsys.Messages;

namespace ConnectionChecks;

/// <summary>
/// The large pool of the connection with vfs: it comes with the first large transfer, and goes when the program waits. Whether it is there tells the process
/// server, which refuses to attach it twice.
/// </summary>
internal static class PoolChecks
{
    private const int Length = 65536, Programs = 60, FramesOfPool = 36, Kilobytes = 4, Moment = 50, LongestWait = 400, Rest = 1500;
    private const int There = -17; // EEXIST

    private static long file, buffer;

    /// <summary>Of a file of at least 64 KiB, whose bytes are all the same letter.</summary>
    public static int Run(long path)
    {
        file = path;
        buffer = Linux.Call(9, 0, Length, 3, 0x22, -1);
        Sys.Pipe(out int go, out int goOn);
        Waits("asleep"u8, 0, go, goOn);
        Waits("in a read of vfs"u8, 1, go, goOn);
        Waits("in poll"u8, 2, go, goOn);
        Waits("for a child"u8, 3, go, goOn);
        Waits("a short time"u8, 4, go, goOn);
        Frames(go, goOn);
        return 0;
    }

    // A child moves much, waits, and moves much again. Before the wait the pool is there; after it, it is not, unless the wait was short; then it is again.
    private static void Waits(System.ReadOnlySpan<byte> name, int kind, int go, int goOn)
    {
        int child = Sys.Fork();
        if (child == 0)
        {
            int wrong = Large() + (Attach() == There ? 0 : 10);
            Wait(kind, go);
            long result = Attach();
            wrong += result == (kind == 4 ? There : 0) ? 0 : 20;
            if (result == 0)
                wrong += Detach(VfsLimits.LargePool) == 0 ? 0 : 40;
            wrong += Large() + (Attach() == There ? 0 : 80);
            Linux.Exit(wrong);
        }

        if (kind is 1 or 2)
        {
            Sys.Sleep(Rest * 2);
            Sys.Write(goOn, "x"u8);
        }

        Report.Number(name, Sys.Wait(child));
    }

    private static void Wait(int kind, int go)
    {
        if (kind is 0 or 4)
        {
            Sys.Sleep(kind == 0 ? Rest : Moment);
        }
        else if (kind == 1)
        {
            Sys.Read(go, 1);
        }
        else if (kind == 2)
        {
            Sys.Want(0, go, Sys.In);
            Sys.Poll(1, -1);
            Sys.Read(go, 1);
        }
        else
        {
            int child = Sys.Fork();
            if (child == 0)
            {
                Sys.Sleep(Rest);
                Linux.Exit(0);
            }

            Sys.Wait(child);
        }
    }

    // Programs that wait with a block of the pool keep it; when they wait without, what all of them gave back is free.
    private static void Frames(int go, int goOn)
    {
        Sys.Pipe(out int hold, out int release);
        for (int program = 0; program < Programs; program++)
        {
            if (Sys.Fork() != 0)
                continue;
            int wrong = Large();
            // The end of the pipe, and not a byte each: who reads so much may take several.
            Sys.Close(release);
            wrong += Linux.Call(0, hold, buffer, Length) == 0 ? 0 : 1;
            Sys.Read(go, 1);
            Linux.Exit(wrong + Large());
        }

        Sys.Sleep(Rest * 2);
        long held = FreeMemory();
        Sys.Close(release);
        // A few frames may have gone to something else meanwhile.
        const long least = Programs * (FramesOfPool - 6) * Kilobytes;
        int wait = 0;
        while (FreeMemory() - held < least && wait < LongestWait)
        {
            wait++;
            Sys.Sleep(Moment);
        }

        Report.Number("frames are free again"u8, wait < LongestWait ? 1 : 0);
        for (int program = 0; program < Programs; program++)
            Sys.Write(goOn, "x"u8);
        int failed = 0;
        for (int program = 0; program < Programs; program++)
            failed += Sys.Wait(-1);
        Report.Number("and there when needed"u8, failed);
    }

    // 0: all bytes are there.
    private static int Large()
    {
        int descriptor = Sys.Open(file, 0);
        long count = Linux.Call(0, descriptor, buffer, Length);
        int wrong = count == Length ? 0 : 1;
        for (long at = 0; wrong == 0 && at < Length; at += 1000)
            wrong = Linux.MemoryAt(buffer + at) == 'x' ? 0 : 2;
        Sys.Close(descriptor);
        for (long at = 0; at < Length; at += 1000)
            Linux.MemoryAt(buffer + at) = 0;
        return wrong;
    }

    // MemFree of proc(5), KiB.
    private static long FreeMemory()
    {
        int descriptor = Sys.Open("/proc/meminfo\0"u8, 0);
        Linux.Call(0, descriptor, Sys.At(1024), 1000);
        Sys.Close(descriptor);
        long at = Sys.At(1024);
        while (Linux.MemoryAt(at) != 'M' || Linux.MemoryAt(at + 3) != 'F')
            at++;
        long value = 0;
        for (; Linux.MemoryAt(at) != '\n'; at++)
        {
            if (Linux.MemoryAt(at) is >= (byte)'0' and <= (byte)'9')
                value = value * 10 + Linux.MemoryAt(at) - '0';
        }

        return value;
    }

    /// <summary>Asks the process server for the large pool. 0 or −errno.</summary>
    public static long Attach() => Ask(ProcessOperation.AttachPool, VfsLimits.LargePool);

    /// <summary>Gives a pool back. 0 or −errno.</summary>
    public static long Detach(ulong number) => Ask(ProcessOperation.DetachPool, number);

    private static long Ask(ProcessOperation operation, ulong number)
    {
        Gate.MessageWord(0) = (ulong)operation;
        Gate.MessageWord(1) = number;
        Gate.SetHandleCount(0);
        Gate.Call(KernelCall.EndpointCall, WellKnownHandle.Control, ulong.MaxValue);
        return (long)Gate.MessageWord(0);
    }
}
