using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// Readiness of signalfds: what waits for this thread is known here and nowhere else, so no server is asked about them. While others are waited for a signal
/// interrupts the thread, as it does one in sigtimedwait(2).
/// </summary>
internal static unsafe class SignalPoll
{
    /// <summary>As <see cref="EventCounters.TryLook"/>. The number counts signals that have come to the process.</summary>
    public static bool TryLook(TaskState* task, uint handle, ushort events, out ushort found, out uint number)
    {
        ChildSignals.Want(task);
        ulong page = MemorySources.Find(task, handle, out _), mask = 0;
        number = (events & PollEvents.Readable) != 0 ? task->Process->SignalArrivals : 0;
        bool isThere = page != 0 && Stubs.UserRead64(page + EventCounterPage.State, &mask) != 0;
        found = (ushort)((SignalDescriptors.Pending(task) & mask) != 0 ? PollEvents.In & events : 0);
        return isThere;
    }

    /// <summary>As <see cref="PollWait.Wait"/>, for a set that has some.</summary>
    public static long Wait(TaskState* task, PollSet* set, ulong deadline)
    {
        ChildSignals.Want(task);
        int others = Separate(set);
        long error = MasksOf(task, set, others, out ulong all);
        if (error < 0)
            return error;
        if (deadline != Deadline.Poll)
            SignalDescriptors.Expect(task, all);
        bool isReady = Look(task, set, others, store: false) != 0;
        long result = WaitForOthers(task, set, others, isReady ? Deadline.Poll : deadline);
        SignalDescriptors.ExpectNothing(task);
        int ready = Look(task, set, others, store: true);
        if (result < 0 && ready != 0)
        {
            for (int i = 0; i < others; i++)
                set->Entries[i].Returned = 0;
            return ready;
        }
        return result < 0 ? result : result + ready;
    }

    private static long WaitForOthers(TaskState* task, PollSet* set, int others, ulong deadline)
    {
        if (others == 0)
            return PollWait.Sleep(deadline);
        // A part of the set, as if it were all.
        (int count, int signals) = (set->Count, set->Signals);
        set->Count = others;
        set->Sources -= signals;
        set->Signals = 0;
        set->Servers = 0;
        for (int i = 0; i < others; i++)
            set->Servers |= 1u << (int)ServerPoll.ServerOf(set->Entries + i);
        long result = PollWait.Wait(task, set, deadline);
        if (result == 0)
            PollSet.Clear(set);
        set->Count = count;
        set->Sources += signals;
        set->Signals = signals;
        return result;
    }

    // Puts the signalfds behind the others: how many others there are.
    private static int Separate(PollSet* set)
    {
        int others = 0;
        for (int i = 0; i < set->Count; i++)
        {
            if ((set->Entries[i].Handle & PollSet.SignalFlag) != 0)
                continue;
            PollSet.Swap(set, i, others++);
        }
        return others;
    }

    private static long MasksOf(TaskState* task, PollSet* set, int first, out ulong all)
    {
        all = 0;
        for (int i = first; i < set->Count; i++)
        {
            // Mapped, so that a look is enough from here on; without a page its mask stays unknown, and it is never ready.
            MemorySources.Obtain(task, PollSet.HandleOf(set->Entries + i));
            long result = SignalDescriptors.MaskOf(task, PollSet.HandleOf(set->Entries + i), out ulong mask, out _);
            if (result < 0)
                return result;
            all |= mask;
        }
        return 0;
    }

    private static int Look(TaskState* task, PollSet* set, int first, bool store)
    {
        int ready = 0;
        for (int i = first; i < set->Count; i++)
        {
            VfsPollEntry* entry = set->Entries + i;
            bool isThere = TryLook(task, PollSet.HandleOf(entry), entry->Events, out ushort found, out uint number);
            if (!isThere || ((entry->Events & VfsPollEntry.Changed) != 0 && (ushort)number == entry->Returned))
                found = 0;
            ready += found != 0 ? 1 : 0;
            if (store)
                entry->Returned = found;
        }
        return ready;
    }
}
