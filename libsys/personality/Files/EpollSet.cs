using System.Runtime.InteropServices;
using System.Threading;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>One registration of an epoll set.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct EpollItem
{
    /// <summary>Descriptor number it was registered by: with the description, what it is found by.</summary>
    public int Number;
    /// <summary>vfs handle of the description, or <see cref="EpollSet.NumberOf"/> of a set.</summary>
    public uint Handle;
    /// <summary>What tells it from others that have the same handle at other times; of a set its <see cref="EpollSet.Id"/>.</summary>
    public uint Generation;
    /// <summary>Number of the descriptor table whose handle it is.</summary>
    public uint Table;
    /// <summary><see cref="DescriptorBits"/>, as far as they say where the description is looked at.</summary>
    public uint Bits;
    /// <summary>EPOLL* wanted, with EPOLLERR and EPOLLHUP, and how. Once it is disabled, how only.</summary>
    public uint Events;
    /// <summary>The program's data.</summary>
    public ulong Data;
    /// <summary>Edge triggered: bits that were reported and are not repeated until something happened.</summary>
    public uint Reported;
    /// <summary>Activity counter of the handle when <see cref="Reported"/> was set; with <see cref="IsNumbered"/>, the number of its last change.</summary>
    public uint ReportedAt;
    /// <summary>1: what was reported is told from what is new by the number of changes in the description's page, or of all that is in the set.</summary>
    public uint IsNumbered;
    /// <summary>
    /// With <see cref="IsAsked"/> the number when a server was last asked about a description that is mapped, of which memory does not say what is ready.
    /// </summary>
    public uint AskedAt;
    /// <summary>1: there is such a number.</summary>
    public uint IsAsked;
}

/// <summary>
/// An epoll instance, local to the space: a list (<see cref="EpollList"/>) that is looked at in memory (<see cref="EpollMemory"/>) or becomes one poll request.
/// Its place in the heap is never another object's, so that a set which contains it finds out when it has gone.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct EpollSet
{
    /// <summary>
    /// Guards the list. Taken after the lock of the descriptor table, with which it is held for every change of the list: so a fork, which takes that one,
    /// copies it whole. A set's before those of sets within it.
    /// </summary>
    public PersonalityLock Lock;
    /// <summary>Descriptors that refer to it, over all processes of the space.</summary>
    public int References;
    /// <summary>Number of items.</summary>
    public int Count;
    /// <summary>Length of <see cref="Items"/>.</summary>
    public int Capacity;
    /// <summary>Items.</summary>
    public EpollItem* Items;
    /// <summary>Number of this use of its place; 0 while it is free.</summary>
    public uint Id;
    /// <summary>Where the next look begins, if the last one had more than there was room for.</summary>
    public int Start;
    /// <summary>Who of several threads waits for the members: <see cref="EpollTurn"/>.</summary>
    public uint Turn;
    /// <summary>Next free one.</summary>
    public EpollSet* Next;

    /// <summary>
    /// A new one with one reference, or null. Free places are in a list; ids are given in order.
    /// </summary>
    public static EpollSet* Create(SpaceState* space)
    {
        PersonalityLock.Enter(&space->SourceLock);
        EpollSet* set = (EpollSet*)space->FreeEpollSets;
        if (set != null)
            space->FreeEpollSets = (ulong)set->Next;
        else
            set = (EpollSet*)PersonalityHeap.Allocate((ulong)sizeof(EpollSet));
        uint id = (uint)++space->LatestEpollSet;
        PersonalityLock.Exit(&space->SourceLock);
        if (set == null)
            return null;
        set->References = 1;
        Volatile.Write(ref set->Id, id == 0 ? 1 : id);
        return set;
    }

    /// <summary>The number that stands for it in a descriptor: its distance from the heap's start (the heap is smaller than 4 GiB).</summary>
    public static uint NumberOf(EpollSet* set) => (uint)((ulong)set - Window.Heap);

    /// <summary>The set behind a local descriptor.</summary>
    public static EpollSet* At(uint number) => (EpollSet*)(Window.Heap + number);

    /// <summary>In a forked child nobody else is there.</summary>
    public static void AfterFork(EpollSet* set)
    {
        PersonalityLock.Reset(&set->Lock);
        set->Turn = 0;
    }

    /// <summary>One more descriptor.</summary>
    public static void AddReference(EpollSet* set) => Interlocked.Increment(ref set->References);

    /// <summary>One less.</summary>
    public static void Release(SpaceState* space, EpollSet* set)
    {
        if (Interlocked.Decrement(ref set->References) > 0)
            return;
        PersonalityLock.Enter(&set->Lock);
        EpollItem* items = set->Items;
        set->Items = null;
        set->Id = 0;
        set->Count = set->Capacity = set->Start = 0;
        PersonalityLock.Exit(&set->Lock);
        PersonalityHeap.Free(items);
        PersonalityLock.Enter(&space->SourceLock);
        set->Next = (EpollSet*)space->FreeEpollSets;
        space->FreeEpollSets = (ulong)set;
        PersonalityLock.Exit(&space->SourceLock);
    }
}
