using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Libsys.Abi;

namespace Microkernel;

/// <summary>Where a memory object's pages come from.</summary>
internal enum MemoryKind : byte
{
    /// <summary>Frames charged to the object's account as they are touched.</summary>
    Anonymous,
    /// <summary>A physical range that is never freed: device registers, the boot archive, the personality's image.</summary>
    Physical,
    /// <summary>Supplied by a server when first touched.</summary>
    Paged,
}

/// <summary>Pages that several spaces can map. Its tree holds frame | Present | perhaps Dirty or Borrowed.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MemoryObject
{
    public KernelObject Header;
    public MemoryKind Kind;
    /// <summary>Device registers: mapped uncached.</summary>
    public bool Uncached;
    /// <summary>Being destroyed or gone: no page can be touched any more.</summary>
    public bool Destroyed;
    /// <summary>Of the tree, which grows with the highest page in it: a long object is not dearer than a short one.</summary>
    public byte Levels;
    /// <summary>MemoryFlags.</summary>
    public uint Flags;
    /// <summary>Bytes.</summary>
    public ulong Length;
    /// <summary>Physical kind: first byte.</summary>
    public ulong PhysicalBase;
    /// <summary>Root table; 0 until the first page.</summary>
    public ulong Root;
    /// <summary>Pages in the tree.</summary>
    public ulong Committed;
    /// <summary>Regions that map the object.</summary>
    public Region* Mappings;
    /// <summary>Their number.</summary>
    public ulong MappingCount;
    /// <summary>Those of them that can write it, now or after a SpaceProtect.</summary>
    public ulong WriterCount;
    /// <summary>Place in the list of the <see cref="Reaper"/>.</summary>
    public Link Reaping;
    /// <summary>Paged kind: who supplies pages.</summary>
    public Endpoint* Pager;
    public ulong PagerBadge;
    /// <summary>Progress of destruction, page index.</summary>
    public ulong Position;
    /// <summary>Never used twice: what queries show.</summary>
    public ulong Identity;
    /// <summary>Bits of entries that make a page count as dirty: that one, and perhaps that it was touched at all (MemoryShare).</summary>
    public ulong Counted;

    /// <summary>Longest object: 2^36 pages.</summary>
    public const ulong MaxLength = 1ul << 48;

    private static ulong lastIdentity;

    /// <summary>Creates an object with one reference; null: no memory.</summary>
    public static MemoryObject* Create(Account* account, MemoryKind kind, ulong length, ulong physicalBase = 0)
    {
        MemoryObject* o = (MemoryObject*)KernelObject.Allocate(account, ObjectType.MemoryObject, (uint)sizeof(MemoryObject));
        if (o == null)
            return null;
        o->Kind = kind;
        o->Length = length;
        o->PhysicalBase = physicalBase;
        o->Levels = 1;
        o->Identity = ++lastIdentity;
        o->Counted = PageTree.Dirty;
        return o;
    }

    /// <summary>The frame of a page, 0 where there is none yet.</summary>
    public ulong FrameAt(ulong index) => PageAt(index) & PageTree.AddressMask;

    /// <summary>The frame of a page, with <see cref="PageTree.Borrowed"/> where that is so; 0 where there is none yet.</summary>
    public ulong PageAt(ulong index)
    {
        if (Destroyed || index >= Length / PhysicalMap.PageSize)
            return 0;
        if (Kind == MemoryKind.Physical)
            return PhysicalBase + index * PhysicalMap.PageSize;
        ulong* entry = Find(index);
        return entry == null ? 0 : *entry & (PageTree.AddressMask | PageTree.Borrowed);
    }

    /// <summary>The tree's entry of a page; null where a table is missing.</summary>
    public ulong* Find(ulong index) => Root == 0 || index >= Pages ? null : PageTree.Find(Root, Levels, index);

    // Pages that the tree has room for as it is.
    private readonly ulong Pages => 1ul << (9 * Levels);

    /// <summary>The frame of a page of an anonymous object, allocated and zeroed if missing; 0: no memory.</summary>
    public ulong Commit(ulong index)
    {
        ulong* entry = EntryFor(index);
        if (entry == null)
            return 0;
        if (*entry == 0)
        {
            ulong frame = FrameAllocator.AllocateZeroed(Header.Account);
            if (frame == 0)
            {
                PageTree.Prune(Root, Levels, index);
                return 0;
            }
            PageTree.Set(entry, frame | PageTree.Present);
            Committed++;
        }
        return *entry & PageTree.AddressMask;
    }

    /// <summary>The tree's entry of a page, with tables made as needed; null: no memory.</summary>
    public ulong* EntryFor(ulong index)
    {
        if (Root == 0)
        {
            Root = PageTree.NewTable(Header.Account);
            if (Root == 0)
                return null;
        }
        while (index >= Pages)
        {
            // An empty table is a root of any height. Another becomes the first of a new root.
            if (FrameAllocator.RecordOf(Root)->ShareCount != 0)
            {
                ulong above = PageTree.NewTable(Header.Account);
                if (above == 0)
                    return null;
                PageTree.Set((ulong*)PhysicalMap.At(above), Root | PageTree.TableFlags);
                Root = above;
            }
            Levels++;
        }
        return PageTree.Create(Root, Levels, index, Header.Account);
    }

    /// <summary>Remembers that a page was written through a mapping that goes away.</summary>
    public void MarkDirty(ulong index)
    {
        if (Kind == MemoryKind.Physical)
            return;
        ulong* entry = Find(index);
        if (entry != null && *entry != 0)
            *entry |= PageTree.Dirty;
    }

    /// <summary>
    /// Unmaps pages [first, last) in every space and frees their frames, at least one and about <paramref name="budget"/> of them. Returns the page reached.
    /// <paramref name="dirty"/>: a bit for each of the first 64 that a mapping has written since the last time.
    /// </summary>
    public ulong DropPages(ulong first, ulong last, uint budget, out ulong dirty)
    {
        dirty = 0;
        if (Kind == MemoryKind.Physical)
        {
            Unmap(first, last);
            Shootdown.Commit();
            return last;
        }
        if (Root == 0)
            return last;
        Unsafe.SkipInit(out PageCursor cursor);
        // Out of all page tables at once, which costs more a call than a page: those that there is a budget for.
        ulong reached = last < Pages ? last : Pages;
        if (reached > first + budget)
        {
            cursor.Start(Root, Levels, first, reached);
            reached = first;
            for (ulong left = budget < Committed ? budget : Committed; left != 0 && cursor.Next(); left--)
                reached = cursor.Index + 1;
        }
        Unmap(first, reached);
        cursor.Start(Root, Levels, first, reached);
        while (budget != 0 && Committed != 0 && cursor.Next())
        {
            budget--;
            ulong index = cursor.Index;
            if (index - first < 64 && (*cursor.Entry & PageTree.Dirty) != 0)
                dirty |= 1ul << (int)(index - first);
            Drop(PageTree.Clear(Root, Levels, index, cursor.Entry));
            Committed--;
        }
        Shootdown.Commit();
        return budget == 0 ? reached : last;
    }

    // Gives up what a cleared entry held.
    private static void Drop(ulong page)
    {
        if ((page & PageTree.Borrowed) == 0)
            Shootdown.ReleaseFrame(page & PageTree.AddressMask);
    }

    // The addresses [start, end) at which a region shows some of the pages [first, last); false: none.
    private static bool Shows(Region* region, ulong first, ulong last, out ulong start, out ulong end)
    {
        first *= PhysicalMap.PageSize;
        last *= PhysicalMap.PageSize;
        start = first > region->Offset ? region->Start + (first - region->Offset) : region->Start;
        end = region->End - region->Start < last - region->Offset ? region->End : region->Start + (last - region->Offset);
        return last > region->Offset && start < end;
    }

    /// <summary>Removes the object's own frames of pages [first, last) from all page tables; private copies stay.</summary>
    public void Unmap(ulong first, ulong last)
    {
        for (Region* region = Mappings; region != null; region = region->NextMapping)
        {
            if (Shows(region, first, last, out ulong address, out ulong end))
                region->Space->RemoveObjectPages(region, address, end);
        }
    }

    /// <summary>Takes pages [first, last) and private copies of them out of all mappings, about <paramref name="budget"/> of them; true when done.</summary>
    public bool UnmapCopies(ulong first, ulong last, uint budget)
    {
        bool done = true;
        for (Region* region = Mappings; region != null && done; region = region->NextMapping)
        {
            if (Shows(region, first, last, out ulong address, out ulong end))
                done = region->Space->RemoveAllPages(region, address, end, ref budget);
        }
        Shootdown.Commit();
        return done;
    }

    /// <summary>Write-protects up to 64 pages everywhere; a bit for each that was written since the last time. The caller commits the shootdown.</summary>
    public ulong CollectDirty(ulong first, ulong pages)
    {
        ulong dirty = 0;
        for (Region* region = Mappings; region != null; region = region->NextMapping)
        {
            if (!Shows(region, first, first + pages, out ulong address, out ulong end))
                continue;
            ulong low = (region->Offset + (address - region->Start)) / PhysicalMap.PageSize;
            dirty |= region->Space->CollectDirtyWord(address, end, Counted) << (int)(low - first);
        }
        if (Root == 0)
            return dirty;
        Unsafe.SkipInit(out PageCursor cursor);
        cursor.Start(Root, Levels, first, first + pages < Pages ? first + pages : Pages);
        while (cursor.Next())
        {
            if ((*cursor.Entry & PageTree.Dirty) == 0)
                continue;
            dirty |= 1ul << (int)(cursor.Index - first);
            *cursor.Entry &= ~PageTree.Dirty;
        }
        return dirty;
    }

    /// <summary>
    /// Gives a page's frame to another object (a page that is there already stays, the source's is freed). False: no memory for a table.
    /// The frame stays charged to the source's account until it is freed.
    /// </summary>
    public static bool MovePage(MemoryObject* source, ulong sourceIndex, MemoryObject* target, ulong targetIndex)
    {
        // An untouched page is a zero page.
        if (source->Commit(sourceIndex) == 0)
            return false;
        ulong* entry = target->EntryFor(targetIndex);
        if (entry == null)
            return false;
        source->Unmap(sourceIndex, sourceIndex + 1);
        ulong page = PageTree.Clear(source->Root, source->Levels, sourceIndex, source->Find(sourceIndex));
        source->Committed--;
        if (*entry != 0)
        {
            Drop(page);
            return true;
        }
        PageTree.Set(entry, page & ~PageTree.Dirty);
        target->Committed++;
        return true;
    }

    /// <summary>
    /// Makes a page that a source has (<paramref name="page"/>, its <see cref="PageAt"/>) the target's too; a page that is there already stays. False: no
    /// memory for a table. The frame stays charged to the account that allocated it until the last of both gives it up.
    /// </summary>
    /// <param name="entry">Null, or that of the target's page before; becomes that of this one.</param>
    public static bool SharePage(MemoryObject* source, ulong page, MemoryObject* target, ulong targetIndex, ref ulong* entry)
    {
        // Entries of neighbours lie side by side, but for those at the end of a table.
        entry = entry == null || (targetIndex & 511) == 0 ? target->EntryFor(targetIndex) : entry + 1;
        if (entry == null)
            return false;
        if (*entry != 0)
            return true;
        if (source->Kind == MemoryKind.Physical)
            page |= PageTree.Borrowed;
        if ((page & PageTree.Borrowed) == 0)
            FrameAllocator.RecordOf(page & PageTree.AddressMask)->ShareCount++;
        PageTree.Set(entry, page | PageTree.Present);
        target->Committed++;
        return true;
    }

    /// <summary>Makes a pager-backed object an anonymous one of another length. False, and nothing has changed: it has a page behind that.</summary>
    public bool Detach(ulong length)
    {
        Unsafe.SkipInit(out PageCursor cursor);
        cursor.Start(Root, Levels, length / PhysicalMap.PageSize, Root == 0 ? 0 : Pages);
        if (cursor.Next())
            return false;
        Length = length;
        Kind = MemoryKind.Anonymous;
        KernelObject.Release(&Pager->Header);
        Pager = null;
        return true;
    }

    /// <summary>One bounded step of freeing everything; true when done. Mappings that remain fault from now on.</summary>
    public bool DestroyStep(uint budget)
    {
        Destroyed = true;
        ulong pages = Length / PhysicalMap.PageSize;
        if (Position < pages)
            Position = DropPages(Position, pages, budget, out _);
        if (Position < pages)
            return false;
        if (Root != 0)
        {
            FrameAllocator.Free(Root);
            Root = 0;
        }
        return true;
    }

    /// <summary>Frees the object itself, after the last reference and <see cref="DestroyStep"/>.</summary>
    public static void Free(MemoryObject* o)
    {
        if (o->Pager != null)
            KernelObject.Release(&o->Pager->Header);
        ObjectAllocator.Free(o);
    }
}
