using System.Runtime.CompilerServices;
using System.Threading;

namespace Microkernel;

/// <summary>
/// Radix trees of 512-entry tables, as the CPU's page tables are (SDM vol. 3 §4.5): an address space's page tables (4 levels, index = address / 4096)
/// and a memory object's pages (1 to 4 levels by its length). The frame record of a table counts its entries in use; an empty table is freed.
/// </summary>
internal static unsafe class PageTree
{
    public const ulong Present = 1, Writable = 2, User = 4, WriteThrough = 8, CacheDisable = 16, Accessed = 32, Dirty = 64;
    /// <summary>Software bit: the frame belongs to this page table and counts it (not a memory object's).</summary>
    public const ulong Private = 1 << 9;
    /// <summary>Software bit: a pager-backed object's page that belongs to a physical object. Nobody counts it, and no mapping may write it.</summary>
    public const ulong Borrowed = 1 << 10;
    public const ulong NoExecute = 1ul << 63;
    public const ulong AddressMask = 0x000f_ffff_ffff_f000;
    public const ulong TableFlags = Present | Writable | User;
    /// <summary>Entries for which the frame record of a table has one bit: 0 says that none of them is in use. It is never taken back.</summary>
    public const int GroupLength = 16;
    // Bytes of a group, as a shift.
    private const int GroupShift = 7;

    /// <summary>A new empty table, 0: no memory.</summary>
    public static ulong NewTable(Account* account)
    {
        ulong table = FrameAllocator.AllocateZeroed(account);
        if (table != 0)
        {
            Frame* record = FrameAllocator.RecordOf(table);
            record->ShareCount = 0;
            record->NextPending = 0;
        }
        return table;
    }

    /// <summary>The entry of an index, or of the table that holds it <paramref name="height"/> levels up; null where a table above is missing.</summary>
    public static ulong* Find(ulong root, int levels, ulong index, int height = 0)
    {
        ulong* table = (ulong*)PhysicalMap.At(root);
        for (int shift = 9 * (levels - 1); shift > 9 * height; shift -= 9)
        {
            ulong entry = table[(index >> shift) & 511];
            if (entry == 0)
                return null;
            table = (ulong*)PhysicalMap.At(entry & AddressMask);
        }
        return table + ((index >> (9 * height)) & 511);
    }

    /// <summary>The entry of an index, making tables as needed; null: no memory.</summary>
    public static ulong* Create(ulong root, int levels, ulong index, Account* account)
    {
        ulong* table = (ulong*)PhysicalMap.At(root);
        for (int level = levels - 1; level > 0; level--)
        {
            ulong* entry = table + ((index >> (9 * level)) & 511);
            if (*entry == 0)
            {
                ulong made = NewTable(account);
                if (made == 0)
                {
                    // Tables made on the way down hold nothing: give them back.
                    Prune(root, levels, index);
                    return null;
                }
                Set(entry, made | TableFlags);
            }
            table = (ulong*)PhysicalMap.At(*entry & AddressMask);
        }
        return table + (index & 511);
    }

    /// <summary>The record of the table that holds an entry.</summary>
    public static Frame* RecordOfTable(ulong* entry) => FrameAllocator.RecordOf(PhysicalMap.Of(entry) & ~PhysicalMap.PageMask);

    /// <summary>
    /// The first entry in use of [<paramref name="entry"/>, <paramref name="last"/>) of a table, or its end. Most are empty: where no entry of a group ever
    /// was in use none is looked at.
    /// </summary>
    public static ulong* NextUsed(ulong* entry, ulong* last)
    {
        if (entry >= last)
            return last;
        uint groups = RecordOfTable(entry)->NextPending >> GroupOf(entry);
        while (true)
        {
            if ((groups & 1) != 0)
            {
                ulong* end = (ulong*)((ulong)entry | (GroupLength * sizeof(ulong) - 1));
                for (; entry < end; entry++)
                    if (*entry != 0)
                        return entry < last ? entry : last;
            }
            else
            {
                if (groups == 0)
                    return last;
                entry = (ulong*)(((ulong)entry | (GroupLength * sizeof(ulong) - 1)) + 1);
            }
            if (entry >= last)
                return last;
            groups >>= 1;
        }
    }

    // A table is a page, so the bits of the address above those of a group are its number.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int GroupOf(ulong* entry) => (int)((ulong)entry >> GroupShift) & 31;

    /// <summary>Notes that an entry that was empty is in use.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Count(ulong* entry)
    {
        Frame* record = RecordOfTable(entry);
        record->ShareCount++;
        record->NextPending |= 1u << GroupOf(entry);
    }

    /// <summary>Notes that so many entries of a table that were empty are in use: from one entry to another at most.</summary>
    public static void CountMany(ulong* first, ulong* last, uint count)
    {
        Frame* record = RecordOfTable(first);
        record->ShareCount += count;
        record->NextPending |= uint.MaxValue << GroupOf(first) & uint.MaxValue >> (31 - GroupOf(last));
    }

    /// <summary>The same where each of them is in use in another table, too.</summary>
    public static void CountAs(ulong* other, ulong* entry, uint count)
    {
        Frame* record = RecordOfTable(entry);
        record->ShareCount += count;
        record->NextPending |= RecordOfTable(other)->NextPending;
    }

    /// <summary>Writes an entry (not 0).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Set(ulong* entry, ulong value)
    {
        if (*entry == 0)
            Count(entry);
        *entry = value;
    }

    /// <summary>Keeps the table of an entry although it may become empty, until <see cref="Release"/>.</summary>
    public static void Hold(ulong* entry) => RecordOfTable(entry)->ShareCount++;

    /// <summary>Undoes <see cref="Hold"/>; whoever calls it prunes.</summary>
    public static void Release(ulong* entry) => RecordOfTable(entry)->ShareCount--;

    /// <summary>
    /// Clears an entry in use and frees the tables that this empties (after the next <see cref="Shootdown.Commit"/>). Returns what it held, in one
    /// step, because a CPU may set the dirty bit at any time.
    /// </summary>
    public static ulong Clear(ulong root, int levels, ulong index, ulong* entry)
    {
        ulong value = Interlocked.Exchange(ref *entry, 0);
        Frame* record = RecordOfTable(entry);
        Panic.Assert(record->ShareCount != 0, "page table count"u8);
        if (--record->ShareCount == 0)
            FreeEmpty(root, levels, index);
        return value;
    }

    /// <summary>Frees the tables that <see cref="Create"/> made for an entry that stays empty after all.</summary>
    public static void Prune(ulong root, int levels, ulong index)
    {
        FreeEmpty(root, levels, index);
        Shootdown.Commit();
    }

    // Frees empty tables on the path to an index, from the leaf up; never the root.
    private static void FreeEmpty(ulong root, int levels, ulong index)
    {
        for (int height = 1; height < levels; height++)
        {
            ulong* entry = Find(root, levels, index, height);
            if (entry == null || *entry == 0)
                continue;
            ulong table = *entry & AddressMask;
            if (FrameAllocator.RecordOf(table)->ShareCount != 0)
                return;
            *entry = 0;
            RecordOfTable(entry)->ShareCount--;
            Shootdown.FreeFrame(table);
        }
    }
}

/// <summary>Goes through the entries in use of a range, skipping empty subtrees. The present entry may be cleared while it goes.</summary>
internal unsafe struct PageCursor
{
    private ulong root, position, end;
    private int levels;
    private ulong* leaf;

    /// <summary>The present entry.</summary>
    public ulong* Entry;
    /// <summary>Its index.</summary>
    public ulong Index;

    /// <summary>Starts before the first entry of [first, last).</summary>
    public void Start(ulong treeRoot, int treeLevels, ulong first, ulong last)
    {
        root = treeRoot;
        levels = treeLevels;
        position = first;
        end = last;
        leaf = null;
        Entry = null;
        Index = 0;
    }

    /// <summary>Moves to the next entry in use; false at the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Next()
    {
        while (position < end)
        {
            if ((leaf == null || (position & 511) == 0) && !FindLeaf())
                continue;
            ulong* entry = leaf + (position & 511);
            if (*entry != 0)
            {
                Entry = entry;
                Index = position++;
                return true;
            }
            SkipEmpty(entry);
        }
        return false;
    }

    private void SkipEmpty(ulong* first)
    {
        ulong left = end - position, rest = 512 - (position & 511);
        position += (ulong)(PageTree.NextUsed(first, first + (left < rest ? left : rest)) - first);
    }

    private bool FindLeaf()
    {
        ulong* table = (ulong*)PhysicalMap.At(root);
        for (int shift = 9 * (levels - 1); shift > 0; shift -= 9)
        {
            ulong* entry = table + ((position >> shift) & 511), first = entry;
            if (*entry == 0)
            {
                // Through the rest of this table without coming down again.
                entry = PageTree.NextUsed(entry, table + 512);
                leaf = null;
                position = ((position >> shift) + (ulong)(entry - first)) << shift;
                if (position >= end || entry == table + 512)
                    return false;
            }
            table = (ulong*)PhysicalMap.At(*entry & PageTree.AddressMask);
        }
        leaf = table;
        return true;
    }
}
