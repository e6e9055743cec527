using System.Runtime.CompilerServices;
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

    /// <summary>Handles are 16 bits long (at most 16,384 a process); above them entries say which server is asked.</summary>
    public const int ServerShift = 16;

    /// <summary>Above them: the description's state may be mapped (<see cref="DescriptorBits.EventCounter"/>).</summary>
    public const uint SourceFlag = 1 << 24;

    /// <summary>The same for a stream, of bytes or messages (<see cref="DescriptorBits.Mapped"/>).</summary>
    public const uint StreamFlag = 1 << 25;

    /// <summary>The same for a timer (<see cref="DescriptorBits.Timer"/>).</summary>
    public const uint TimerFlag = 1 << 26;

    /// <summary>A signalfd (<see cref="DescriptorBits.Signals"/>): no server knows whether it is ready.</summary>
    public const uint SignalFlag = 1 << 27;

    /// <summary>Bits of <see cref="VfsPollEntry.Events"/> that are no events; programs may ask for any.</summary>
    public const ushort Marks = VfsPollEntry.Changed | VfsPollEntry.Exclusive;

    /// <summary>Any of them.</summary>
    public const uint MemoryFlags = SourceFlag | StreamFlag | TimerFlag | SignalFlag;

    /// <summary>The one of a descriptor's bits; 0: none.</summary>
    public static uint FlagOf(uint bits) =>
        (bits & DescriptorBits.Mapped) != 0 ? StreamFlag
        : (bits & DescriptorBits.EventCounter) != 0 ? SourceFlag
        : (bits & DescriptorBits.Timer) != 0 ? TimerFlag
        : (bits & DescriptorBits.Signals) != 0 ? SignalFlag : 0;

    /// <summary>The handle of an entry.</summary>
    public static uint HandleOf(VfsPollEntry* entry) => (ushort)entry->Handle;

    /// <summary>A bit for each server that has entries.</summary>
    public uint Servers;

    /// <summary>Number of entries with one of <see cref="MemoryFlags"/>.</summary>
    public int Sources;

    /// <summary>Number of entries with <see cref="SignalFlag"/>.</summary>
    public int Signals;

    /// <summary>Handle, with one of <see cref="MemoryFlags"/>, of an edge-triggered description that is not mapped and could be; 0: none.</summary>
    public uint Unmapped;

    /// <summary>1: what means nothing to a server was shown to it, and is an error if it still means nothing.</summary>
    public uint IsShown;

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
        set->Servers = 0;
        set->IsShown = 0;
        set->Sources = 0;
        set->Signals = 0;
        set->Unmapped = 0;
        set->capacity = InPlace;
    }

    /// <summary>Adds an entry for a descriptor with these bits. In line: programs ask about many. False if there is no memory or the set is full.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Add(PollSet* set, uint handle, uint bits, ushort events, uint owner)
    {
        uint server = DescriptorBits.ServerOf(bits);
        set->Servers |= 1u << (int)server;
        if (set->Count == set->capacity && !Grow(set))
            return false;
        VfsPollEntry* entry = set->Entries + set->Count;
        entry->Handle = handle | server << ServerShift;
        entry->Events = events;
        entry->Returned = 0;
        if ((bits & DescriptorBits.InMemory) != 0)
        {
            entry->Handle |= FlagOf(bits);
            set->Sources++;
            set->Signals += (bits & DescriptorBits.Signals) != 0 ? 1 : 0;
        }
        set->Owners[set->Count] = owner;
        set->Count++;
        return true;
    }

    /// <summary>
    /// The same for a description in memory that is found only if there has been a change since <paramref name="number"/>, which stands in Returned until then.
    /// </summary>
    public static bool AddChange(PollSet* set, uint handle, uint bits, ushort events, ushort number, uint owner)
    {
        if (!Add(set, handle, bits, events, owner))
            return false;
        set->Entries[set->Count - 1].Events |= VfsPollEntry.Changed;
        set->Entries[set->Count - 1].Returned = number;
        return true;
    }

    /// <summary>Exchanges two entries.</summary>
    public static void Swap(PollSet* set, int first, int second)
    {
        if (first == second)
            return;
        (set->Entries[first], set->Entries[second]) = (set->Entries[second], set->Entries[first]);
        (set->Owners[first], set->Owners[second]) = (set->Owners[second], set->Owners[first]);
    }

    /// <summary>Nothing was found: numbers of changes are no answer.</summary>
    public static void Clear(PollSet* set)
    {
        for (int i = 0; i < set->Count; i++)
            set->Entries[i].Returned = 0;
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
