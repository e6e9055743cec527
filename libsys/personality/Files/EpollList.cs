using System.Runtime.CompilerServices;
using System.Threading;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// The items of an epoll set. All with the locks of the descriptor table and of the set held. An item is gone when no descriptor of the table it was
/// registered in refers to its description any more; it leaves the list when that is next looked at.
/// </summary>
internal static unsafe class EpollList
{
    /// <summary>The owner of entries that have their item's index instead.</summary>
    public const uint ByItem = uint.MaxValue;

    /// <summary>Item of a number that leads to a handle, or null.</summary>
    public static EpollItem* Find(DescriptorTable* table, EpollSet* set, int number, uint handle)
    {
        for (int i = 0; i < set->Count; i++)
        {
            EpollItem* item = set->Items + i;
            if (item->Number != number || item->Handle != handle || item->Table != DescriptorTable.NumberOf(table))
                continue;
            if (IsThere(table, item))
                return item;
            RemoveAt(set, i--);
        }
        return null;
    }

    /// <summary>A new item, or null.</summary>
    public static EpollItem* Add(EpollSet* set)
    {
        if (set->Count == set->Capacity)
        {
            int larger = set->Capacity == 0 ? 16 : set->Capacity * 2;
            EpollItem* items = (EpollItem*)PersonalityHeap.Allocate((ulong)larger * (ulong)sizeof(EpollItem));
            if (items == null)
                return null;
            BlockMemory.Move(items, set->Items, (ulong)set->Count * (ulong)sizeof(EpollItem));
            PersonalityHeap.Free(set->Items);
            set->Items = items;
            set->Capacity = larger;
        }
        return set->Items + set->Count++;
    }

    /// <summary>Removes an item.</summary>
    public static void RemoveAt(EpollSet* set, int index)
    {
        set->Count--;
        if (index != set->Count)
            BlockMemory.Move(set->Items + index, set->Items + set->Count, (ulong)sizeof(EpollItem));
    }

    /// <summary>True while a descriptor refers to what was registered.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsThere(DescriptorTable* table, EpollItem* item) => (item->Bits & DescriptorBits.Local) != 0
        ? Volatile.Read(ref EpollSet.At(item->Handle)->Id) == item->Generation
        : DescriptorTable.IsUsed(table, item->Handle, item->Generation);

    /// <summary>
    /// Adds what the set waits for to a poll request, every entry with owner <paramref name="owner"/>, or its item's index if that is <see cref="ByItem"/>.
    /// With the table's lock held, which the set's is taken after. False: no memory.
    /// </summary>
    public static bool AppendTo(TaskState* task, DescriptorTable* table, EpollSet* set, PollSet* poll, uint owner, bool changesOnly = false)
    {
        bool complete = true;
        HeldLook look;
        HeldLook.Begin(&look, task, table);
        PersonalityLock.Enter(&set->Lock);
        for (int i = 0; i < set->Count && complete; i++)
        {
            EpollItem* item = set->Items + i;
            if (!IsThere(table, item))
            {
                // Of another table that shares the set, it may only be gone here.
                if (item->Table == DescriptorTable.NumberOf(table))
                    RemoveAt(set, i--);
                continue;
            }
            if ((item->Events & ~EpollEvents.Ways) == 0)
                continue;
            uint itsOwner = owner == ByItem ? (uint)i : owner;
            complete = (item->Bits & DescriptorBits.Local) != 0
                ? AppendSet(task, table, &look, item, poll, itsOwner, changesOnly)
                : AppendItem(task, table, &look, item, poll, itsOwner, changesOnly);
        }
        PersonalityLock.Exit(&set->Lock);
        return complete;
    }

    /// <summary>Another number after each change of anything in the set, as far as changes are known here.</summary>
    public static uint ChangesOf(TaskState* task, DescriptorTable* table, EpollSet* set)
    {
        uint sum = 0;
        HeldLook look;
        HeldLook.Begin(&look, task, table);
        PersonalityLock.Enter(&set->Lock);
        for (int i = 0; i < set->Count; i++)
        {
            EpollItem* item = set->Items + i;
            if (!IsThere(table, item) || (item->Events & ~EpollEvents.Ways) == 0)
                continue;
            uint number;
            if ((item->Bits & DescriptorBits.Local) != 0)
                number = ChangesOf(task, table, EpollSet.At(item->Handle));
            else if (!HeldLook.TryNumber(&look, item->Handle, item->Bits, (ushort)item->Events, out number))
                number = DescriptorTable.Activity(task, item->Handle);
            sum = unchecked(sum + number);
        }
        PersonalityLock.Exit(&set->Lock);
        return sum;
    }

    private static bool AppendItem(
        TaskState* task, DescriptorTable* table, HeldLook* look, EpollItem* item, PollSet* poll, uint owner, bool changesOnly)
    {
        uint held = item->Reported;
        bool isHeld = changesOnly || (held != 0 && item->IsNumbered != 0);
        bool isEdge = changesOnly || (item->Events & EpollEvents.EdgeTriggered) != 0;
        uint number = 0;
        bool isNumbered = isEdge && HeldLook.TryNumber(look, item->Handle, item->Bits, (ushort)item->Events, out number);
        item->AskedAt = number;
        item->IsAsked = isNumbered ? 1u : 0;
        if (isHeld && isNumbered && (changesOnly || number == item->ReportedAt))
        {
            return PollSet.AddChange(poll, item->Handle, item->Bits, EventsOf(item), (ushort)number, owner);
        }
        if (held != 0 && (item->IsNumbered != 0 || item->ReportedAt != DescriptorTable.Activity(task, item->Handle)))
            held = item->Reported = item->IsNumbered = 0;
        if (isEdge && (item->Bits & DescriptorBits.InMemory) != 0)
            MemoryPoll.Want(task, poll, item->Handle, item->Bits);
        // All its edges were reported: errors come unasked, so it is left out.
        if (changesOnly || ((ushort)item->Events & ~held & ~(PollEvents.Error | PollEvents.HangUp)) == 0 && held != 0)
            return true;
        return PollSet.Add(poll, item->Handle, item->Bits, (ushort)(EventsOf(item) & ~held), owner);
    }

    // A set within: what is ready there makes it readable.
    private static bool AppendSet(
        TaskState* task, DescriptorTable* table, HeldLook* look, EpollItem* item, PollSet* poll, uint owner, bool changesOnly)
    {
        if ((item->Events & PollEvents.Readable) == 0)
            return true;
        EpollSet* inner = EpollSet.At(item->Handle);
        bool isHeld = item->Reported != 0 && item->ReportedAt == ChangesOf(task, table, inner);
        return AppendTo(task, table, inner, poll, owner, changesOnly || isHeld);
    }

    private static ushort EventsOf(EpollItem* item) =>
        (ushort)((ushort)item->Events & ~PollSet.Marks | ((item->Events & EpollEvents.Exclusive) != 0 ? VfsPollEntry.Exclusive : 0));
}
