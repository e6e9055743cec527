using System.Runtime.InteropServices;
using System.Threading;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>One registration of an epoll set.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct EpollItem
{
    /// <summary>Descriptor number it was registered by.</summary>
    public int Number;
    /// <summary>vfs handle behind it then. An item whose number no longer leads there is dead.</summary>
    public uint Handle;
    /// <summary>EPOLL* wanted, with EPOLLET and EPOLLONESHOT.</summary>
    public uint Events;
    /// <summary>Edge triggered: bits that were reported and are not repeated until something happened.</summary>
    public uint Reported;
    /// <summary>The program's data.</summary>
    public ulong Data;
    /// <summary>Activity counter of the handle when <see cref="Reported"/> was set; with <see cref="IsNumbered"/>, the number of its last change.</summary>
    public uint ReportedAt;
    /// <summary>1: what was reported is told from what is new by the number of changes in the description's page.</summary>
    public uint IsNumbered;
}

/// <summary>
/// An epoll instance, local to the space: a list that becomes one poll request to vfs. Edge triggering is made from levels: a reported bit is held back
/// until the process has read or written through the handle since. So an edge may be reported once too often, which epoll(7) allows, but a
/// program that does not read what was reported, and waits for more of it, is not told of the rest.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct EpollSet
{
    /// <summary>EPOLLET.</summary>
    public const uint EdgeTriggered = 1u << 31;
    /// <summary>EPOLLONESHOT.</summary>
    public const uint OneShot = 1u << 30;

    /// <summary>Guards the list.</summary>
    public PersonalityLock Lock;
    /// <summary>Descriptors that refer to it, over all processes of the space.</summary>
    public int References;
    /// <summary>Number of items.</summary>
    public int Count;
    private int capacity;
    /// <summary>Items.</summary>
    public EpollItem* Items;

    /// <summary>A new one with one reference, or null.</summary>
    public static EpollSet* Create()
    {
        EpollSet* set = (EpollSet*)PersonalityHeap.Allocate((ulong)sizeof(EpollSet));
        if (set != null)
            set->References = 1;
        return set;
    }

    /// <summary>The number that stands for it in a descriptor: its distance from the heap's start (the heap is smaller than 4 GiB).</summary>
    public static uint NumberOf(EpollSet* set) => (uint)((ulong)set - Window.Heap);

    /// <summary>The set behind a local descriptor.</summary>
    public static EpollSet* At(uint number) => (EpollSet*)(Window.Heap + number);

    /// <summary>One more descriptor.</summary>
    public static void AddReference(EpollSet* set) => Interlocked.Increment(ref set->References);

    /// <summary>One less.</summary>
    public static void Release(EpollSet* set)
    {
        if (Interlocked.Decrement(ref set->References) > 0)
            return;
        PersonalityHeap.Free(set->Items);
        PersonalityHeap.Free(set);
    }

    /// <summary>Item of a number, or null. With the lock held.</summary>
    public static EpollItem* Find(EpollSet* set, int number, uint handle)
    {
        for (int i = 0; i < set->Count; i++)
        {
            if (set->Items[i].Number == number && set->Items[i].Handle == handle)
                return set->Items + i;
        }
        return null;
    }

    /// <summary>A new item, or null. With the lock held.</summary>
    public static EpollItem* Add(EpollSet* set)
    {
        if (set->Count == set->capacity)
        {
            int larger = set->capacity == 0 ? 16 : set->capacity * 2;
            EpollItem* items = (EpollItem*)PersonalityHeap.Allocate((ulong)larger * (ulong)sizeof(EpollItem));
            if (items == null)
                return null;
            BlockMemory.Move(items, set->Items, (ulong)set->Count * (ulong)sizeof(EpollItem));
            PersonalityHeap.Free(set->Items);
            set->Items = items;
            set->capacity = larger;
        }
        return set->Items + set->Count++;
    }

    /// <summary>Removes an item. With the lock held.</summary>
    public static void RemoveAt(EpollSet* set, int index)
    {
        set->Count--;
        if (index != set->Count)
            BlockMemory.Move(set->Items + index, set->Items + set->Count, (ulong)sizeof(EpollItem));
    }

    /// <summary>
    /// Adds what the set waits for to a poll request, every entry with owner <paramref name="owner"/>, or its item's index if that is uint.MaxValue. False: no
    /// memory.
    /// </summary>
    public static bool AppendTo(TaskState* task, EpollSet* set, PollSet* poll, uint owner)
    {
        bool complete = true;
        PersonalityLock.Enter(&set->Lock);
        for (int i = 0; i < set->Count && complete; i++)
        {
            EpollItem* item = set->Items + i;
            Descriptor descriptor;
            if (!DescriptorTable.Find(task, (uint)item->Number, &descriptor) || descriptor.Handle != item->Handle)
            {
                RemoveAt(set, i--);
                continue;
            }
            uint held = item->Reported;
            if (held != 0 && item->IsNumbered != 0 && MemoryPoll.TryLook(task, item->Handle, descriptor.Bits, (ushort)item->Events, out _, out uint number)
                && number == item->ReportedAt)
            {
                complete = PollSet.AddChange(poll, item->Handle, descriptor.Bits, (ushort)item->Events, (ushort)number,
                    owner == uint.MaxValue ? (uint)i : owner);
                continue;
            }
            if (held != 0 && (item->IsNumbered != 0 || item->ReportedAt != DescriptorTable.Activity(task, item->Handle)))
                held = item->Reported = item->IsNumbered = 0;
            if ((item->Events & EdgeTriggered) != 0 && (descriptor.Bits & DescriptorBits.InMemory) != 0)
                MemoryPoll.Want(task, poll, item->Handle, descriptor.Bits);
            ushort events = (ushort)(item->Events & ~held);
            // Nothing is wanted any more: a used-up one-shot item, or one whose edges were all reported (errors are reported unasked, so it is left out).
            if (events == 0 && (held != 0 || (item->Events & OneShot) != 0))
                continue;
            complete = PollSet.Add(poll, item->Handle, descriptor.Bits, events, owner == uint.MaxValue ? (uint)i : owner);
        }
        PersonalityLock.Exit(&set->Lock);
        return complete;
    }
}
