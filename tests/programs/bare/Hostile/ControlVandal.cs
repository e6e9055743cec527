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
}
