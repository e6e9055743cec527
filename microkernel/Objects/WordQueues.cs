using System.Runtime.InteropServices;
using Libsys.Abi;

namespace Microkernel;

/// <summary>A thread's place in a queue, and what it waits for in that of a word.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Waiter
{
    /// <summary>First of all, so that a link is its waiter.</summary>
    public Link Place;
    /// <summary>What the word is keyed by: space or memory object, address or offset.</summary>
    public ulong KeyObject, KeyOffset;
    public uint Bitset;
    /// <summary>Place in WordWaitMany's list; in a single wait ulong.MaxValue: woken is 0.</summary>
    public ulong Index;
}

/// <summary>A persistent binding of a word to a notification.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Watch
{
    public Link Place, InSpace;
    public ulong KeyObject, KeyOffset;
    public Notification* Notification;
    public ulong Bits;
}

/// <summary>
/// Sleeping on words. Waiters hang in a fixed table of buckets by key. A key of an object that is gone can at worst wake someone for nothing,
/// which every waiter on a word must expect anyway; it is never followed.
/// </summary>
internal static unsafe class WordQueues
{
    // 256 buckets are one frame of waiter lists and one of watches; thousands of sleepers make lists of tens.
    private const uint Buckets = 256;

    private static LinkedList* buckets, watches;

    /// <summary>Takes room for the table: two zeroed pages.</summary>
    public static void Initialize(byte* pages)
    {
        buckets = (LinkedList*)pages;
        watches = (LinkedList*)(pages + PhysicalMap.PageSize);
    }

    /// <summary>The key of a word; false: not mapped readable or misaligned.</summary>
    public static bool KeyOf(AddressSpace* space, ulong address, out ulong keyObject, out ulong keyOffset)
    {
        keyObject = keyOffset = 0;
        if ((address & 3) != 0 || address >= Window.Top)
            return false;
        Region* region = space->Find(address);
        if (region == null || region->Start > address)
            return false;
        if (region->Object != null && (region->Flags & MapFlags.Shared) != 0)
        {
            keyObject = (ulong)region->Object;
            keyOffset = region->Offset + (address - region->Start);
        }
        else
        {
            keyObject = (ulong)space;
            keyOffset = address;
        }
        return true;
    }

    private static uint BucketOf(ulong keyObject, ulong keyOffset)
    {
        // Fibonacci hashing (Knuth, TAOCP vol. 3 §6.4).
        ulong mixed = ((keyObject >> 7) ^ (keyOffset >> 2)) * 0x9e37_79b9_7f4a_7c15;
        return (uint)(mixed >> 56) % Buckets;
    }

    /// <summary>Reads a word through the kernel's alias; false: it cannot be read.</summary>
    public static bool Read(AddressSpace* space, ulong address, out uint value)
    {
        value = 0;
        ulong physical = (address & 3) != 0 ? 0 : PageFault.PhysicalOf(space, address, false);
        if (physical == 0)
            return false;
        value = System.Threading.Volatile.Read(ref *(uint*)PhysicalMap.At(physical));
        return true;
    }

    /// <summary>Queues a waiter on a word.</summary>
    public static void Add(Waiter* waiter, Thread* thread, ulong keyObject, ulong keyOffset, uint bitset, ulong index)
    {
        waiter->Place.Owner = thread;
        waiter->KeyObject = keyObject;
        waiter->KeyOffset = keyOffset;
        waiter->Bitset = bitset;
        waiter->Index = index;
        LinkedList.Append(buckets + BucketOf(keyObject, keyOffset), &waiter->Place);
    }

    /// <summary>Takes a thread off all words that it waits on.</summary>
    public static void Withdraw(Thread* thread)
    {
        LinkedList.Remove(&thread->Waiter.Place);
        Waiter* waiters = (Waiter*)PhysicalMap.At(thread->ManyWaiters);
        for (uint i = 0; i < thread->ManyCount; i++)
            LinkedList.Remove(&waiters[i].Place);
        thread->ManyCount = 0;
    }

    /// <summary>
    /// Wakes up to <paramref name="count"/> waiters of a word whose bitset meets the one given, and signals its watches. Returns how many were woken.
    /// </summary>
    public static long Wake(ulong keyObject, ulong keyOffset, uint count, uint bitset)
    {
        uint number = BucketOf(keyObject, keyOffset);
        for (Link* place = watches[number].Head; place != null; place = place->Next)
        {
            Watch* watch = (Watch*)place->Owner;
            if (watch->KeyObject == keyObject && watch->KeyOffset == keyOffset)
                Notification.Signal(watch->Notification, watch->Bits);
        }
        long woken = 0;
        Waiter* waiter = (Waiter*)buckets[number].Head;
        while (waiter != null && woken < count)
        {
            Waiter* next = (Waiter*)waiter->Place.Next;
            if (waiter->KeyObject == keyObject && waiter->KeyOffset == keyOffset && (waiter->Bitset & bitset) != 0)
            {
                Thread* thread = (Thread*)waiter->Place.Owner;
                // A thread that waits on many words may hang in this list again right behind: go on from a neighbour that stays.
                while (next != null && next->Place.Owner == thread)
                    next = (Waiter*)next->Place.Next;
                long result = waiter->Index == ulong.MaxValue ? 0 : (long)waiter->Index;
                Thread.Wake(thread, result);
                woken++;
            }
            waiter = next;
        }
        return woken;
    }

    /// <summary>Moves up to <paramref name="count"/> waiters of a word to another; returns how many.</summary>
    public static long Requeue(ulong keyObject, ulong keyOffset, ulong targetObject, ulong targetOffset, uint count)
    {
        LinkedList* source = buckets + BucketOf(keyObject, keyOffset), target = buckets + BucketOf(targetObject, targetOffset);
        long moved = 0;
        // The two may be one list.
        Waiter* waiter = (Waiter*)source->Head, last = (Waiter*)source->Tail;
        while (waiter != null && moved < count)
        {
            Waiter* next = waiter == last ? null : (Waiter*)waiter->Place.Next;
            if (waiter->KeyObject == keyObject && waiter->KeyOffset == keyOffset)
            {
                LinkedList.Remove(&waiter->Place);
                waiter->KeyObject = targetObject;
                waiter->KeyOffset = targetOffset;
                LinkedList.Append(target, &waiter->Place);
                moved++;
            }
            waiter = next;
        }
        return moved;
    }

    /// <summary>Adds a watch; false: no memory.</summary>
    public static bool AddWatch(AddressSpace* space, ulong keyObject, ulong keyOffset, Notification* notification, ulong bits)
    {
        Watch* watch = (Watch*)ObjectAllocator.Allocate(space->Header.Account, (uint)sizeof(Watch));
        if (watch == null)
            return false;
        notification->Header.Acquire();
        watch->KeyObject = keyObject;
        watch->KeyOffset = keyOffset;
        watch->Notification = notification;
        watch->Bits = bits;
        watch->Place.Owner = watch->InSpace.Owner = watch;
        LinkedList.Append(watches + BucketOf(keyObject, keyOffset), &watch->Place);
        LinkedList.Append(&space->Watches, &watch->InSpace);
        return true;
    }

    /// <summary>Ends a space's watches of one word.</summary>
    public static void RemoveWatches(AddressSpace* space, ulong keyObject, ulong keyOffset)
    {
        for (Link* link = space->Watches.Head; link != null;)
        {
            Watch* watch = (Watch*)link->Owner;
            link = link->Next;
            if (watch->KeyObject == keyObject && watch->KeyOffset == keyOffset)
                FreeWatch(watch);
        }
    }

    /// <summary>Ends up to <paramref name="budget"/> watches of a space; true: none is left.</summary>
    public static bool DropWatches(AddressSpace* space, uint budget)
    {
        for (; budget != 0 && space->Watches.Head != null; budget--)
            FreeWatch((Watch*)space->Watches.First);
        return space->Watches.Head == null;
    }

    private static void FreeWatch(Watch* watch)
    {
        LinkedList.Remove(&watch->Place);
        LinkedList.Remove(&watch->InSpace);
        KernelObject.Release(&watch->Notification->Header);
        ObjectAllocator.Free(watch);
    }
}
