using System.Runtime.InteropServices;
using Bare;
using Libsys.Abi;
using Libsys.Messages;

namespace Hostile;

/// <summary>Calls the process server with random operations, words and handles, and does not wait long for answers.</summary>
internal static class ControlVandal
{
    private const ulong Patience = 2_000_000;
    private const uint Operations = 34;

    // Each costs the process server a new space, so they are rare; the forks in the parent's space end this program with the child's first fault.
    private const uint Births = 40, SharedBirths = 400;

    public static void Run(ulong seed, int rounds)
    {
        var chance = new Chance(seed);
        uint memory = (uint)Gate.Call(KernelCall.MemoryCreate, 0, 0x4000, (ulong)MemoryFlags.None);
        for (int round = 0; round < rounds; round++)
        {
            var operation = (ProcessOperation)chance.Below(Operations);
            bool isBirth = operation is ProcessOperation.Fork or ProcessOperation.Exec && chance.Below(Births) != 0;
            bool isSharedBirth = operation == ProcessOperation.ForkShared && chance.Below(SharedBirths) != 0;
            // Stop would suspend this program for good.
            if (isBirth || isSharedBirth || operation is ProcessOperation.Stop or ProcessOperation.Exit)
                continue;
            Gate.MessageWord(0) = chance.Below(20) == 0 ? chance.Next() : (ulong)operation;
            for (uint word = 1; word < 8; word++)
                Gate.MessageWord(word) = chance.Argument();
            uint handles = chance.Below(6);
            Gate.SetHandleCount(handles);
            for (uint index = 0; index < handles && index < 4; index++)
                Gate.SetHandle(index, chance.Below(5) switch { 0 => WellKnownHandle.Self, 1 => WellKnownHandle.CurrentThread, 2 => WellKnownHandle.VfsDoorbell,
                3 => chance.Below(80), _ => memory });
            // A call that ends at its deadline is withdrawn; its answer finds nobody.
            Gate.Call(KernelCall.EndpointCall, WellKnownHandle.Control, Clock.Now + chance.Below((uint)Patience));
        }
    }

    /// <summary>Calls that only a program that is being loaded may make, by one that runs: answers, and whether it is still what it was.</summary>
    public static void Load()
    {
        const long open = 2, close = 3, getPid = 39, control = 72, getDescriptorFlags = 1;
        long pid = Identify(), file = Linux.Call(open, ref MemoryMarshal.GetReference("/"u8), 0, 0, 0, 0, 0);
        Report.Number("ExecCommit"u8, Call(ProcessOperation.ExecCommit, 0, 0, 0, 0, 0));
        // All of the pool as handles to be closed, its own among them.
        Report.Number("ExecCommit with handles"u8, Call(ProcessOperation.ExecCommit, 0, 1, 0, 0, VfsLimits.ClosedByExec));
        Report.Number("ExecFail"u8, Call(ProcessOperation.ExecFail, 2, 0, 0, 0, 0));
        // Start tables that are none: not aligned, too long, of no length, where nothing is, the kernel's, and at last something else that is there.
        Exec(sizeof(ulong), Window.VfsConnection + 1);
        Exec(Window.SmallStartTableLimit + 1, Window.VfsConnection);
        Exec(0, Window.VfsConnection);
        Exec(sizeof(ulong), sizeof(ulong));
        Exec(sizeof(ulong), 0xffff_8000_0000_0000);
        Exec(0x1000, Window.VfsConnection);
        Report.Number("the same process"u8, pid == Identify() && pid == Linux.Call(getPid) ? 1 : 0);
        Report.Number("with its descriptors"u8, Linux.Call(control, file, getDescriptorFlags) + Linux.Call(close, file));
    }

    private static void Exec(ulong length, ulong address) => Report.Number("Exec"u8, Call(ProcessOperation.Exec, length, 0, address, 0, 0));

    private static long Call(ProcessOperation operation, ulong a1, ulong a2, ulong a3, ulong a4, ulong a5)
    {
        Gate.MessageWord(0) = (ulong)operation;
        Gate.MessageWord(1) = a1;
        Gate.MessageWord(2) = a2;
        Gate.MessageWord(3) = a3;
        Gate.MessageWord(4) = a4;
        Gate.MessageWord(5) = a5;
        Gate.SetHandleCount(0);
        long status = Gate.Call(KernelCall.EndpointCall, WellKnownHandle.Control, ulong.MaxValue);
        return status < 0 ? status : (long)Gate.MessageWord(0);
    }

    private static long Identify() => Call(ProcessOperation.Identify, 0, 0, 0, 0, 0);
}
