using System.Runtime;
using System.Threading;
using Libsys.Abi;

namespace KernelTests;

/// <summary>What a test thread runs; lives in memory that its space sees.</summary>
internal unsafe struct Work
{
    public delegate*<ulong, void> Function;
    public ulong Argument;
    /// <summary>1 when the function has returned.</summary>
    public uint Done;
    public uint Slot;
    public long Handle;
}

/// <summary>Threads of the tests.</summary>
internal static unsafe class Threads
{
    /// <summary>Starts a function in a new thread of the own space.</summary>
    public static void Start(Work* work, delegate*<ulong, void> function, ulong argument, ulong flags = 0)
    {
        work->Function = function;
        work->Argument = argument;
        work->Done = 0;
        work->Slot = (uint)Kernel.Call(KernelCall.ThreadReserve, WellKnownHandle.Self);
        work->Handle = Kernel.Call(KernelCall.ThreadCreate, WellKnownHandle.Self, work->Slot, Kernel.EntryOfThreads, (ulong)work, 0, flags);
    }

    /// <summary>Waits until the function has returned and the thread is gone.</summary>
    public static void Join(Work* work)
    {
        while (Volatile.Read(ref work->Done) == 0)
            Kernel.Call(KernelCall.WordWait, (ulong)&work->Done, 0, ulong.MaxValue);
        while (Kernel.Call(KernelCall.ThreadSlotInUse, work->Slot) == 1)
            Sleep(20_000);
        Kernel.Call(KernelCall.HandleClose, (ulong)work->Handle);
    }

    [RuntimeExport("test_thread")]
    private static void Run(ThreadBlock* block, ulong argument)
    {
        Work* work = (Work*)argument;
        work->Function(work->Argument);
        Volatile.Write(ref work->Done, 1);
        Kernel.Call(KernelCall.WordWake, (ulong)&work->Done, int.MaxValue);
    }

    /// <summary>Lets time pass.</summary>
    public static void Sleep(ulong nanoseconds)
    {
        uint word = 0;
        Kernel.Call(KernelCall.WordWait, (ulong)&word, 0, Now + nanoseconds, (ulong)WaitFlags.Uninterruptible);
    }

    /// <summary>Nanoseconds since boot.</summary>
    public static ulong Now
    {
        get
        {
            ulong ticks = Kernel.TimeStamp() - Kernel.Page->TscAtBoot;
            ulong high = System.Math.BigMul(ticks, Kernel.Page->TscMultiplier, out ulong low);
            return high << 32 | low >> 32;
        }
    }
}
