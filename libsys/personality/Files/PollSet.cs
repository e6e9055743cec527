using System.Runtime.InteropServices;
using Libsys.Messages;

namespace Libsys.Personality;

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
