using System.Runtime.CompilerServices;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>poll over nothing but descriptions that are mapped: answered from memory, unless it has to wait for several.</summary>
internal static unsafe class MemoryPoll
{
    // More of them are a request.
    private const int Most = 16;

    /// <summary>
    /// As <see cref="PollWait.Wait"/>, if nothing else is in the set, and something is ready, nobody waits, or it is one stream alone. False: nothing was
    /// changed in the set. Other members have to be asked in any case, and vfs looks at the same memory.
    /// </summary>
    public static bool TryAnswer(TaskState* task, PollSet* set, ulong deadline, out long ready)
    {
        ready = 0;
        if (set->Sources != set->Count || set->Count > Most)
            return false;
        if (set->Count == 1 && (set->Entries->Handle & PollSet.StreamFlag) != 0 && (set->Entries->Events & VfsPollEntry.Exclusive) == 0)
            return StreamPoll.TryWait(task, set->Entries, deadline, out ready);
        ushort* found = stackalloc ushort[Most];
        for (int i = 0; i < set->Count; i++)
        {
            VfsPollEntry* entry = set->Entries + i;
            if (!TryLook(task, entry->Handle, entry->Events, out found[i], out uint number))
                return false;
            if ((entry->Events & VfsPollEntry.Changed) != 0 && (ushort)number == entry->Returned)
                found[i] = 0;
            ready += found[i] != 0 ? 1 : 0;
        }
        if (ready == 0 && deadline != Deadline.Poll)
            return false;
        for (int i = 0; i < set->Count; i++)
            set->Entries[i].Returned = found[i];
        return true;
    }

    /// <summary>
    /// Counts a request that could have been none, had everything in the set been mapped: what programs look at all the time is. Nothing is if not all can be.
    /// </summary>
    public static void Count(TaskState* task, PollSet* set)
    {
        if (set->Sources != set->Count || set->Count > StreamPlaces.MostLooked)
            return;
        bool isWorthwhile = true;
        for (int i = 0; i < set->Count && isWorthwhile; i++)
        {
            VfsPollEntry* entry = set->Entries + i;
            if ((entry->Handle & PollSet.StreamFlag) != 0)
                isWorthwhile = StreamPlaces.CountLook(task, PollSet.HandleOf(entry));
            else
                MemorySources.Use(task, PollSet.HandleOf(entry), out _);
        }
    }

    /// <summary>
    /// What poll finds of <paramref name="events"/>, and the number of the last change for them, which is taken first. The handle is an entry's. False: it is
    /// not mapped.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryLook(TaskState* task, uint handle, ushort events, out ushort found, out uint number)
    {
        if ((handle & PollSet.SourceFlag) != 0)
            return EventCounters.TryLook(task, (ushort)handle, events, out found, out number);
        if ((handle & PollSet.StreamFlag) != 0)
            return StreamPoll.TryLook(task, (ushort)handle, events, out found, out number);
        if ((handle & PollSet.TimerFlag) != 0)
            return Timers.TryLook(task, (ushort)handle, events, out found, out number);
        if ((handle & PollSet.SignalFlag) != 0)
            return SignalPoll.TryLook(task, (ushort)handle, events, out found, out number);
        found = 0;
        number = 0;
        return false;
    }

    /// <summary>The same for a handle of a descriptor with these bits.</summary>
    public static bool TryLook(TaskState* task, uint handle, uint bits, ushort events, out ushort found, out uint number) =>
        TryLook(task, handle | PollSet.FlagOf(bits), events, out found, out number);

    /// <summary>Notes a description that could be mapped and is not.</summary>
    public static void Want(TaskState* task, PollSet* set, uint handle, uint bits)
    {
        if ((bits & DescriptorBits.Mapped) != 0 ? StreamPlaces.IsWanting(task, handle) : MemorySources.IsWanting(task, handle))
            set->Unmapped = handle | PollSet.FlagOf(bits);
    }

    /// <summary>Maps what was noted. False: it cannot be.</summary>
    public static bool Obtain(TaskState* task, uint unmapped) => (unmapped & PollSet.StreamFlag) != 0
        ? StreamPlaces.Obtain(task, (ushort)unmapped)
        : MemorySources.Obtain(task, (ushort)unmapped) != 0;
}
