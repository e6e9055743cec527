using Hostile;
using Libsys.Abi;
using Libsys.Messages;
using Libsys.Rings;

namespace ConnectionChecks;

/// <summary>The rings of the connection with a server, the first beside vfs unless another is chosen, without the personality.</summary>
internal static class RawRing
{
    private const int MostSpins = 200_000;

    /// <summary>Number of the server; 0: vfs.</summary>
    public static uint Server { get; set; } = 1;

    /// <summary>Address of pool 0.</summary>
    public static ulong Pool => Memory + VfsLimits.Shape.Pool;

    /// <summary>Answers so far.</summary>
    public static uint Answered => Gate.Half(Memory + RingLayout.CompletionTail);

    /// <summary>Tag of the request that was made last.</summary>
    public static ulong LastTag => Gate.Half(Memory + RingLayout.SubmissionTail) - 1;

    private static ulong Memory => Window.ConnectionOf(Server);

    /// <summary>vfs' handle of a descriptor, as its personality publishes it in the connection with vfs.</summary>
    public static uint HandleOf(int descriptor) =>
        (Gate.Half(Window.VfsConnection + VfsLimits.DescriptorTable + (ulong)descriptor * sizeof(ushort)) & 0xFFFF) - 1;

    /// <summary>One request, and its result.</summary>
    public static long Call(
        VfsOperation operation, ulong a0, ulong a1 = 0, ulong a2 = 0, byte pool = 0, uint offset = 0, uint length = 0, uint slot = 0)
    {
        uint answered = Answered;
        Submit(operation, a0, a1, a2, pool, offset, length, slot);
        return Await(answered + 1) ? ResultAt(answered) : long.MinValue;
    }

    /// <summary>One request.</summary>
    public static void Submit(
        VfsOperation operation, ulong a0, ulong a1 = 0, ulong a2 = 0, byte pool = 0, uint offset = 0, uint length = 0, uint slot = 0)
    {
        uint tail = Gate.Half(Memory + RingLayout.SubmissionTail);
        ulong at = Memory + VfsLimits.Shape.Submissions + tail % VfsLimits.Slots * RingLayout.SlotLength;
        Gate.Word(at) = tail;
        Gate.Word(at + 8) = (ushort)operation | (ulong)pool << 24 | (ulong)slot << 32;
        Gate.Word(at + 16) = offset | (ulong)length << 32;
        Gate.Word(at + 24) = a0;
        Gate.Word(at + 32) = a1;
        Gate.Word(at + 40) = a2;
        Gate.Half(Memory + RingLayout.SubmissionTail) = tail + 1;
        Ring();
    }

    /// <summary>Waits for answers up to a number, and takes them. False if they do not come.</summary>
    public static bool Await(uint answers)
    {
        for (int spin = 0; spin < MostSpins; spin++)
        {
            if (Answered == answers)
            {
                Gate.Half(Memory + RingLayout.CompletionHead) = answers;
                return true;
            }

            Gate.Call(KernelCall.ThreadYield);
        }

        return false;
    }

    /// <summary>Result of an answer.</summary>
    public static long ResultAt(uint answer) =>
        (long)Gate.Word(Memory + VfsLimits.Shape.Completions + answer % VfsLimits.Slots * RingLayout.SlotLength + 8);

    /// <summary>Polls a handle that means nothing: errors are found, or it is to be shown first. 0: as it should be.</summary>
    public static int PollUnknown(uint handle)
    {
        Gate.Word(Pool) = handle | 5ul << 32;
        bool isStale = Call(VfsOperation.Poll, 1, 0, 0, 0, 0, 8) == -116;
        bool isFound = Call(VfsOperation.Poll, 1, 0, 1, 0, 0, 8) == 1 && Gate.Word(Pool) >> 48 == 24;
        return (isStale ? 0 : 1) + (isFound ? 0 : 1);
    }

    /// <summary>Random indices and slots: the server closes the connection, and only that.</summary>
    public static int Noise()
    {
        var chance = new Chance(7);
        for (int round = 0; round < 50; round++)
        {
            for (ulong offset = RingLayout.SubmissionTail; offset < VfsLimits.Shape.Pool; offset += sizeof(ulong))
                Gate.Word(Memory + offset) = chance.Next();
            Ring();
        }

        return 0;
    }

    private static void Ring() => Gate.Call(KernelCall.NotificationSignal, WellKnownHandle.DoorbellOf(Server), ulong.MaxValue >> 1);
}
