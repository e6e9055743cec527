using Servers.Vfs.Objects;

namespace Servers.Vfs.Pages;

// Operations of a file with a store. They wait and fail before their effect; the file system makes its own part ready before it calls one that has an effect.
public sealed partial class CachedFile
{
    /// <summary>Nobody will use the file any more but for what is under way.</summary>
    internal bool IsReleased { get; private set; }

    /// <summary>Which slots it has.</summary>
    internal PageIndex Index => index;

    /// <summary>
    /// It must not be forgotten: pages are newer than the store or on their way, or somebody maps it. <see cref="IPageStore.Unused"/> says when that has
    /// ended, if
    /// <see cref="TellWhenUnused"/> asked for it.
    /// </summary>
    public bool IsInUse => !stored!.IsSettled || IsMapped;

    /// <summary>Pages that are newer than the store, or are being written.</summary>
    public bool IsDirty => !stored!.Dirty.IsEmpty;

    /// <summary>What could not be written; descriptions ask it at fsync(2).</summary>
    public WriteErrors WriteErrors => stored!.Errors;

    /// <summary>How many those are that have not begun to be written, as far as is known of mappings.</summary>
    public int DirtyPages => stored!.Dirty.Count;

    /// <summary>Reads at <paramref name="offset"/>: bytes, or −errno. Less than there is only where the cache cannot hold as much at once.</summary>
    public long Read(OperationContext context, Span<byte> buffer, long offset)
    {
        if (offset >= Size || offset < 0 || buffer.IsEmpty)
            return 0;
        int length = (int)Math.Min(buffer.Length, Size - offset);
        // First: what ends at once may let others go on, whose pages drive out those that are there.
        stored!.ReadOn(offset >> PageBits, Pages(offset + length));
        Errno error = stored.BringIn(context, offset, ref length);
        return error == Errno.None ? Read(buffer[..length], offset) : -(long)error;
    }

    /// <summary>
    /// Writes at <paramref name="offset"/>: bytes, less than asked for only where the cache cannot hold as much at once, or −errno. Waits for what a page
    /// keeps of
    /// its old bytes, for slots, and while too many pages are dirty.
    /// </summary>
    public long Write(OperationContext context, ReadOnlySpan<byte> data, long offset)
    {
        if (data.IsEmpty)
            return 0;
        if (offset >= Limit)
            return -(long)Errno.EFBIG;
        long most = ((long)cache.MostAtOnce << PageBits) - (offset & PageMask);
        data = data[..(int)Math.Min(data.Length, Math.Min(Limit - offset, most))];
        Errno error = stored!.PrepareWrite(context, offset, data.Length);
        if (error != Errno.None)
            return -(long)error;
        long written = Write(data, offset);
        for (long page = offset >> PageBits; page < Pages(offset + written); page++)
            stored.MarkDirty(page);
        return written;
    }

    /// <summary>What <see cref="Truncate"/> needs: it cannot fail in the same try afterwards.</summary>
    public Errno PrepareTruncate(OperationContext context, long length)
    {
        if (length > Limit)
            return Errno.EFBIG;
        if (length > Size)
            return stored!.PrepareTail(context);
        Errno error = BringInPartial(context, length);
        return error == Errno.None ? stored!.AwaitWrites(context, length >> PageBits, MostPages) : error;
    }

    /// <summary>What <see cref="PunchHole"/> needs: it cannot fail in the same try afterwards.</summary>
    public Errno PreparePunch(OperationContext context, long offset, long length)
    {
        long end = Math.Min(offset + length, Pages(Size) << PageBits);
        if (offset >= end)
            return Errno.None;
        Errno error = BringInPartial(context, offset);
        if (error == Errno.None)
            error = BringInPartial(context, end);
        return error == Errno.None ? stored!.AwaitWrites(context, Pages(offset), end >> PageBits) : error;
    }

    /// <summary>
    /// What was changed before the request began is in the store, also through mappings; or waits for that. What could not be written is in
    /// <see cref="WriteErrors"/>.
    /// </summary>
    public Errno Sync(OperationContext context) => stored!.Sync(context);

    /// <summary>Nothing is newer than the store when the try goes on, also through mappings; or waits for that.</summary>
    public Errno Settle(OperationContext context) => stored!.Settle(context);

    /// <summary>
    /// msync(2) for a mapping with a label (<see cref="Map"/>): the file is safe, or the error that the description of the mapping has not been told. Other
    /// files have nothing to make safe.
    /// </summary>
    public Errno SyncMapping(OperationContext context, uint label)
    {
        Errno error = stored == null ? Errno.None : stored.SyncFile(context);
        return error == Errno.None && stored != null ? stored.Errors.Tell(label) : error;
    }

    /// <summary>Lets all pages go, so that the store is asked again; nothing happens while the file is in use.</summary>
    public void Forget()
    {
        if (!IsInUse)
            Cut(0, Pages(Size));
    }

    /// <summary>
    /// Copies what lies at <paramref name="offset"/>, within a page, if the page is in memory: for those who can neither wait nor begin anything.
    /// </summary>
    public bool TryCopy(long offset, Span<byte> buffer)
    {
        if (!IsHere(offset, out int slot))
            return false;
        cache.Slots.Span(slot, 1).Slice((int)(offset & PageMask), buffer.Length).CopyTo(buffer);
        return true;
    }

    /// <summary>
    /// The store has got other bytes, within a page, by its owner's own doing: a page that is in memory shows them, and one that is on its way is read again.
    /// </summary>
    public void Replace(long offset, ReadOnlySpan<byte> bytes)
    {
        long page = offset >> PageBits;
        if (IsHere(offset, out int slot))
            bytes.CopyTo(cache.Slots.Span(slot, 1)[(int)(offset & PageMask)..]);
        else if (slot > 0)
            Cut(page, page + 1);
    }

    /// <summary>Begins to write all that is dirty: for those who do not wait.</summary>
    public void BeginWriteBack()
    {
        stored!.Collect();
        stored.BeginWrites(long.MaxValue, int.MaxValue);
    }

    /// <summary><see cref="IPageStore.Unused"/> is to be called once nobody maps it any more: within <see cref="WriteBack.Period"/>.</summary>
    public void TellWhenUnused() => cache.WriteBack.Watch(stored!);

    /// <summary>Pages were given slots, or have lost them.</summary>
    internal void CountPages(int count)
    {
        PageCount += count;
        budget.Take(count);
    }

    /// <summary>A page is not here any more.</summary>
    internal void Evicted(long page)
    {
        index.Set(page, 0);
        index.Trim(page);
        CountPages(-1);
    }

    private bool IsHere(long offset, out int slot)
    {
        slot = index[offset >> PageBits];
        return slot > 0 && (cache.States[slot].Flags & SlotFlags.Reading) == 0;
    }

    // The page of an offset within it, as part of it stays.
    private Errno BringInPartial(OperationContext context, long offset)
    {
        int one = 1;
        return (offset & PageMask) == 0 || offset >= Pages(Size) << PageBits ? Errno.None : stored!.BringIn(context, Math.Min(offset, Size - 1), ref one);
    }
}
