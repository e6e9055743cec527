using System.Runtime.InteropServices;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>Bits of poll(2) and epoll(7), which share their low half.</summary>
internal static class PollBits
{
#pragma warning disable CS1591 // Linux' own names
    public const ushort POLLIN = 1, POLLPRI = 2, POLLOUT = 4, POLLERR = 8, POLLHUP = 0x10, POLLNVAL = 0x20, POLLRDNORM = 0x40, POLLRDBAND = 0x80,
        POLLWRNORM = 0x100, POLLWRBAND = 0x200;
#pragma warning restore CS1591
    /// <summary>Asked for by select's first set.</summary>
    public const ushort ReadWanted = POLLIN | POLLRDNORM | POLLRDBAND;
    /// <summary>Makes a descriptor readable for select(2), "Correspondence between select() and poll() notifications".</summary>
    public const ushort ReadFound = ReadWanted | POLLHUP | POLLERR;
    /// <summary>Asked for by select's second set.</summary>
    public const ushort WriteWanted = POLLOUT | POLLWRNORM | POLLWRBAND;
    /// <summary>Makes it writable.</summary>
    public const ushort WriteFound = WriteWanted | POLLERR;
    /// <summary>Asked for and found by the third set.</summary>
    public const ushort ExceptionBits = POLLPRI;

    /// <summary>Events to ask for, from membership in select's three sets.</summary>
    public static ushort FromSelect(bool read, bool write, bool exception) =>
        (ushort)((read ? ReadWanted : 0) | (write ? WriteWanted : 0) | (exception ? ExceptionBits : 0));
}

/// <summary>A growing list of what to ask vfs in one poll request. Starts in place, on the caller's stack; must not be copied.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PollSet
{
    private const int InPlace = 32;

    /// <summary>Most entries of one request: a pool block of 64 KiB.</summary>
    public const int Limit = 8192;

    /// <summary>Entries.</summary>
    public VfsPollEntry* Entries;

    /// <summary>For each entry: the caller's index of what it was made for.</summary>
    public uint* Owners;

    /// <summary>Number of entries.</summary>
    public int Count;

    private int capacity;
    private fixed ulong firstEntries[InPlace];
    private fixed uint firstOwners[InPlace];

    /// <summary>Makes it empty.</summary>
    public static void Begin(PollSet* set)
    {
        set->Entries = (VfsPollEntry*)set->firstEntries;
        set->Owners = set->firstOwners;
        set->Count = 0;
        set->capacity = InPlace;
    }

    /// <summary>Adds an entry. False if there is no memory or the set is full.</summary>
    public static bool Add(PollSet* set, uint handle, ushort events, uint owner)
    {
        if (set->Count == set->capacity && !Grow(set))
            return false;
        VfsPollEntry* entry = set->Entries + set->Count;
        entry->Handle = handle;
        entry->Events = events;
        entry->Returned = 0;
        set->Owners[set->Count] = owner;
        set->Count++;
        return true;
    }

    /// <summary>Gives grown arrays back.</summary>
    public static void End(PollSet* set)
    {
        if (set->capacity == InPlace)
            return;
        PersonalityHeap.Free(set->Entries);
        PersonalityHeap.Free(set->Owners);
    }

    private static bool Grow(PollSet* set)
    {
        int larger = set->capacity * 4;
        if (set->capacity >= Limit)
            return false;
        VfsPollEntry* entries = (VfsPollEntry*)PersonalityHeap.Allocate((ulong)larger * (ulong)sizeof(VfsPollEntry));
        uint* owners = (uint*)PersonalityHeap.Allocate((ulong)larger * sizeof(uint));
        if (entries == null || owners == null)
        {
            PersonalityHeap.Free(entries);
            PersonalityHeap.Free(owners);
            return false;
        }
        BlockMemory.Move(entries, set->Entries, (ulong)set->Count * (ulong)sizeof(VfsPollEntry));
        BlockMemory.Move(owners, set->Owners, (ulong)set->Count * sizeof(uint));
        End(set);
        set->Entries = entries;
        set->Owners = owners;
        set->capacity = larger;
        return true;
    }
}
