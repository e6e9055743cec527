using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>poll over nothing but descriptions whose pages are mapped: answered from memory, unless it has to wait.</summary>
internal static unsafe class MemoryPoll
{
    // More of them are a request.
    private const int Most = 16;

    /// <summary>
    /// As <see cref="PollWait.Wait"/>, if nothing else is in the set, and something is ready or nobody waits. False: nothing was changed in the set. Other
    /// members have to be asked in any case, and vfs looks at the same pages.
    /// </summary>
    public static bool TryAnswer(TaskState* task, PollSet* set, ulong deadline, out long ready)
    {
        ready = 0;
        if (set->Sources != set->Count || set->Count > Most)
            return false;
        ushort* found = stackalloc ushort[Most];
        for (int i = 0; i < set->Count; i++)
        {
            VfsPollEntry* entry = set->Entries + i;
            if (!EventCounters.TryLook(task, PollSet.HandleOf(entry), entry->Events, out found[i], out uint number))
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
}
