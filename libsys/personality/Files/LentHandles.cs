using System.Numerics;
using System.Runtime.InteropServices;
using System.Threading;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>Handles that vfs has lent to a descriptor table, for opens that are posted (docs/posted-calls.md). Zero at start.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LentHandles
{
    // States after Asking opens: so many are made by message first, since asking costs as much as one of them.
    private const uint AskAt = 12, Asking = AskAt + 1, Refused = AskAt + 2, Lent = AskAt + 3;

    private uint state;

    // First of the block, and a bit for each that is free.
    private uint first, free;

    /// <summary>True if opens may be posted. Asks for handles when it is time.</summary>
    public static bool AreReady(TaskState* task)
    {
        DescriptorTable* table = task->Process->Descriptors;
        if (table == null)
            return false;
        uint state = Volatile.Read(ref table->Lent.state);
        return state == Lent || state <= AskAt && Prepare(task, table, state);
    }

    /// <summary>Takes a free one.</summary>
    public static bool TryTake(DescriptorTable* table, out uint handle)
    {
        PersonalityLock.Enter(&table->Lock);
        uint free = table->Lent.free;
        table->Lent.free = free & free - 1;
        PersonalityLock.Exit(&table->Lock);
        handle = table->Lent.first + (uint)BitOperations.TrailingZeroCount(free);
        return free != 0;
    }

    /// <summary>
    /// Takes a free one that has no permit to post writes. One whose close is posted, and not served, may have it still: a write by it would go to the file
    /// that was closed. In a turn that lasts no permit comes.
    /// </summary>
    public static bool TryTakeForNew(TaskState* task, out uint handle)
    {
        DescriptorTable* table = task->Process->Descriptors;
        PersonalityLock.Enter(&table->Lock);
        uint free = table->Lent.free, first = table->Lent.first;
        while (free != 0 && PostedCalls.IsPermitted(task->Process->VfsProcessSlot, first + (uint)BitOperations.TrailingZeroCount(free), out _))
            free &= free - 1;
        table->Lent.free &= ~(free & (0 - free));
        PersonalityLock.Exit(&table->Lock);
        handle = first + (uint)BitOperations.TrailingZeroCount(free);
        return free != 0;
    }

    /// <summary>A handle was closed, or its close is posted: if it was lent, it may be used again.</summary>
    public static void Give(DescriptorTable* table, uint handle)
    {
        uint number = handle - table->Lent.first;
        if (number >= PostedLayout.LentHandles || table->Lent.state != Lent)
            return;
        PersonalityLock.Enter(&table->Lock);
        table->Lent.free |= 1u << (int)number;
        PersonalityLock.Exit(&table->Lock);
    }

    private static bool Prepare(TaskState* task, DescriptorTable* table, uint state)
    {
        uint next = state == AskAt ? Asking : state + 1;
        if (Interlocked.CompareExchange(ref table->Lent.state, next, state) != state || next != Asking)
            return false;
        bool isLent = NamesMapping.TryMap(task) && Ask(task, table);
        Volatile.Write(ref table->Lent.state, isLent ? Lent : Refused);
        return isLent;
    }

    private static bool Ask(TaskState* task, DescriptorTable* table)
    {
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.LendHandles);
        if (VfsClient.Call(task, &request) != 0 || !DescriptorTable.PrepareHandles(table, request.V0, PostedLayout.LentHandles))
            return false;
        table->Lent.first = (uint)request.V0;
        table->Lent.free = (uint)request.V1;
        return true;
    }
}
