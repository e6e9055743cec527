using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Microkernel;

/// <summary>What the kernel knows about a frame that it manages.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Frame
{
    /// <summary>Data frame: page tables that hold it, or 1 for a memory object, and pins. Page table: entries in use.</summary>
    public uint ShareCount;
    /// <summary>
    /// Next frame that waits to be freed, see <see cref="Shootdown"/>. Page table: a bit for each <see cref="PageTree.GroupLength"/> entries, 0 while none of
    /// them was ever in use.
    /// </summary>
    public uint NextPending;
    /// <summary>Who is charged; in a free frame the next free frame's number (0 ends the list).</summary>
    public Account* Owner;
}

/// <summary>Physical frames of 4 KiB: one list of those given back, and memory that was never used.</summary>
internal static unsafe class FrameAllocator
{
    private const int MaxRanges = 16;

    private static Frame* table;
    private static ulong tableLength;
    private static ulong freeHead;
    private static ulong* rangeStart;
    private static ulong* rangeEnd;
    private static int rangeCount, currentRange;

    /// <summary>Frames not in use.</summary>
    public static ulong FreeCount;
    /// <summary>All frames ever managed.</summary>
    public static ulong TotalCount;

    /// <summary>Takes room for the table of ranges; called once before <see cref="AddRange"/>.</summary>
    public static void Initialize(ulong* scratch)
    {
        rangeStart = scratch;
        rangeEnd = scratch + MaxRanges;
    }

    /// <summary>Adds free memory [start, end), physical, page aligned. Before <see cref="Build"/> only.</summary>
    public static void AddRange(ulong start, ulong end)
    {
        if (start >= end || rangeCount == MaxRanges)
            return;
        rangeStart[rangeCount] = start;
        rangeEnd[rangeCount] = end;
        rangeCount++;
        TotalCount += (end - start) / PhysicalMap.PageSize;
    }

    /// <summary>Puts the frame table in the largest range.</summary>
    public static void Build()
    {
        int largest = 0;
        ulong highest = 0;
        for (int i = 0; i < rangeCount; i++)
        {
            if (rangeEnd[i] - rangeStart[i] > rangeEnd[largest] - rangeStart[largest])
                largest = i;
            if (rangeEnd[i] > highest)
                highest = rangeEnd[i];
        }
        tableLength = highest / PhysicalMap.PageSize;
        ulong bytes = (tableLength * (ulong)sizeof(Frame) + PhysicalMap.PageMask) & ~PhysicalMap.PageMask;
        Panic.Assert(rangeCount > 0 && rangeEnd[largest] - rangeStart[largest] > bytes, "no room for the frame table"u8);
        table = (Frame*)PhysicalMap.At(rangeStart[largest]);
        rangeStart[largest] += bytes;
        TotalCount -= bytes / PhysicalMap.PageSize;
        FreeCount = TotalCount;
        Machine.ZeroWords(table, bytes);
    }

    /// <summary>The record of the frame at a physical address that this allocator gave out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Frame* RecordOf(ulong physical) => table + physical / PhysicalMap.PageSize;

    /// <summary>A frame with undefined content and share count 1, charged to <paramref name="owner"/>. 0: no memory, or the account's limit.</summary>
    public static ulong Allocate(Account* owner)
    {
        if (FreeCount == 0 || !owner->Charge(Resource.Frames))
            return 0;
        ulong physical;
        if (freeHead != 0)
        {
            physical = freeHead * PhysicalMap.PageSize;
            freeHead = (ulong)RecordOf(physical)->Owner;
        }
        else
        {
            while (rangeStart[currentRange] == rangeEnd[currentRange])
                currentRange++;
            physical = rangeStart[currentRange];
            rangeStart[currentRange] += PhysicalMap.PageSize;
        }
        FreeCount--;
        Frame* record = RecordOf(physical);
        record->Owner = owner;
        record->ShareCount = 1;
        return physical;
    }

    /// <summary>As <see cref="Allocate"/>, zeroed.</summary>
    public static ulong AllocateZeroed(Account* owner)
    {
        ulong physical = Allocate(owner);
        if (physical != 0)
            Machine.ZeroPage(PhysicalMap.At(physical));
        return physical;
    }

    /// <summary>Gives a frame back whatever its count says, and uncharges its owner.</summary>
    public static void Free(ulong physical)
    {
        Account* owner = RecordOf(physical)->Owner;
        PutBack(physical);
        owner->Uncharge(Resource.Frames);
    }

    /// <summary>The same for one of many: the owner is uncharged when one of another owner follows, or at <see cref="Uncharge"/>.</summary>
    public static void Free(ulong physical, ref Account* owner, ref uint count)
    {
        Account* next = RecordOf(physical)->Owner;
        if (next != owner)
        {
            Uncharge(owner, count);
            owner = next;
            count = 0;
        }
        count++;
        PutBack(physical);
    }

    /// <summary>Uncharges an owner of as many frames; none is fine.</summary>
    public static void Uncharge(Account* owner, uint count)
    {
        if (count != 0)
            owner->Uncharge(Resource.Frames, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PutBack(ulong physical)
    {
        Frame* record = RecordOf(physical);
        record->ShareCount = 0;
        record->Owner = (Account*)freeHead;
        freeHead = physical / PhysicalMap.PageSize;
        FreeCount++;
    }
}
