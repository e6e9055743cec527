using Libsys.Hosting;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Pages;

/// <summary>
/// The bytes of a regular file in the page cache: a size, and pages that are slots, pages of an image, or holes. What has no store is in memory and never
/// waits; operations of files with a store take an <see cref="Objects.OperationContext"/>.
/// </summary>
public sealed partial class CachedFile
{
    /// <summary>Bytes of a page.</summary>
    public const int PageSize = 1 << PageBits;

    /// <summary>Largest file, 2^32 pages. Beyond it writes fail with EFBIG.</summary>
    public const long Limit = 16L << 40;

    internal const int PageBits = 12;

    private const int PageMask = PageSize - 1;

    // In the index: a slot's number, 0 for what the image (or nothing) has there, or this for a hole in an image.
    private const int Hole = -1;

    private readonly PageCache cache;
    private readonly Budget budget;
    private readonly PageIndex index;
    private readonly StoredPages? stored;
    private IFileImage? image;
    private long imageOffset;
    private long imagePages;
    private long size, pageCount;
    private bool isWritableShared;

    // Room was made behind the end once: the number of pages says nothing then.
    private bool hasPagesBehind;

    /// <summary>An empty file.</summary>
    /// <param name="cache">Has its pages.</param>
    /// <param name="budget">Slots that the file system's files may take.</param>
    public CachedFile(PageCache cache, Budget budget)
    {
        this.cache = cache;
        this.budget = budget;
        index = new PageIndex(cache.Kept);
    }

    /// <summary>A file whose pages are in a store as far as they are not here.</summary>
    /// <param name="cache">Has its pages.</param>
    /// <param name="store">Has the others.</param>
    /// <param name="size">Its length.</param>
    public CachedFile(PageCache cache, IPageStore store, long size)
        : this(cache, cache.Unbounded)
    {
        stored = new StoredPages(this, cache, store);
        Size = size;
    }

    /// <summary>Length in bytes.</summary>
    public long Size
    {
        get => size;
        private set => Change(ref size, value);
    }

    /// <summary>Pages that are not holes, with those that were made ahead: see <see cref="CountTouchedPages"/>. With a store: those that are here.</summary>
    public long PageCount
    {
        get => pageCount;
        private set
        {
            if (stored == null)
                Change(ref pageCount, value);
            else
                pageCount = value; // no attribute
        }
    }

    /// <summary>Its pages are in a store as far as they are not here.</summary>
    public bool HasStore => stored != null;

    /// <summary>Every page up to the end is in memory or in an image, as far as counting tells.</summary>
    public bool HasNoHoles => stored == null && !hasPagesBehind && PageCount == Pages(Size);

    /// <summary>The same, and none of them is an image's: they may be written without asking.</summary>
    public bool HasOwnPages => imagePages == 0 && HasNoHoles;

    /// <summary>Told before length or pages change, and of both when they have; null: they change nothing that anybody sees.</summary>
    public Inode? Inode { get; init; }

    /// <summary>Shows a page-aligned range of an image, zero-padded to the end of its last page, as the content of an empty file.</summary>
    public void Adopt(IFileImage from, long offset, long length)
    {
        image = from;
        imageOffset = offset;
        imagePages = Pages(length);
        Size = length;
        PageCount = imagePages;
    }

    /// <summary>Reads at <paramref name="offset"/>; holes read as zero.</summary>
    public int Read(Span<byte> buffer, long offset)
    {
        if (offset >= Size || offset < 0)
            return 0;
        int length = (int)Math.Min(buffer.Length, Size - offset);
        for (int done = 0; done < length;)
            done += ReadPiece(buffer[done..length], offset + done);
        return length;
    }

    /// <summary>
    /// Bytes at <paramref name="offset"/> where they lie, as many as lie together; none beyond the end, in a hole, and of a file with a store. They are there
    /// until this file changes.
    /// </summary>
    public ReadOnlySpan<byte> Peek(long offset, int length)
    {
        if (offset >= Size || offset < 0 || stored != null)
            return default;
        SettleAhead();
        length = (int)Math.Min(length, Size - offset);
        long page = offset >> PageBits;
        int within = (int)(offset & PageMask);
        int run = index.Run(page, (within + length + PageMask) >> PageBits, out int entry);
        if (entry > 0)
            return cache.Slots.Span(entry, run).Slice(within, Math.Min(run * PageSize - within, length));
        if (entry < 0 || page >= imagePages)
            return default;
        run = (int)Math.Min(run, imagePages - page);
        return image!.Bytes(imageOffset + offset, Math.Min(run * PageSize - within, length));
    }

    /// <summary>Writes at <paramref name="offset"/>, making the file longer if needed: bytes written, or −ENOSPC, −EFBIG if none.</summary>
    public long Write(ReadOnlySpan<byte> data, long offset)
    {
        if (data.IsEmpty)
            return 0;
        if (offset >= Limit)
            return -(long)Errno.EFBIG;
        data = data[..(int)Math.Min(data.Length, Limit - offset)];
        Inode?.EndWriting();
        SettleAhead();
        if (offset > Size)
            ClearTail();
        int done = 0;
        while (done < data.Length)
        {
            int piece = WritePiece(data[done..], offset + done);
            if (piece == 0)
                break;
            done += piece;
        }

        if (offset + done > Size && done > 0)
            Size = offset + done;
        return done > 0 ? done : -(long)Errno.ENOSPC;
    }

    /// <summary>Pages that so many bytes take.</summary>
    internal static long Pages(long bytes) => (bytes + PageMask) >> PageBits;

    private void Change<T>(ref T attribute, T value)
        where T : unmanaged, IEquatable<T>
    {
        if (attribute.Equals(value))
            return;
        Inode?.Changing();
        attribute = value;
        Inode?.AttributesChanged();
    }

    // One run of pages that are all slots, all of the image, or all holes.
    private int ReadPiece(Span<byte> buffer, long offset)
    {
        long page = offset >> PageBits;
        int within = (int)(offset & PageMask);
        int run = index.Run(page, (within + buffer.Length + PageMask) >> PageBits, out int entry);
        bool fromImage = entry == 0 && page < imagePages;
        if (fromImage)
            run = (int)Math.Min(run, imagePages - page);
        int length = Math.Min(run * PageSize - within, buffer.Length);
        if (entry > 0)
            cache.Slots.Span(entry, run).Slice(within, length).CopyTo(buffer);
        else if (fromImage)
            image!.Bytes(imageOffset + offset, length).CopyTo(buffer);
        else
            buffer[..length].Clear();
        return length;
    }

    private int WritePiece(ReadOnlySpan<byte> data, long offset)
    {
        long page = offset >> PageBits;
        int within = (int)(offset & PageMask);
        int run = index.Run(page, (int)Math.Min((within + data.Length + PageMask) >> PageBits, PageIndex.LeafPages), out int slot);
        if (slot <= 0)
        {
            run = Make(page, run, offset, offset + data.Length, out slot);
            if (run == 0)
                return 0;
        }

        int length = Math.Min(run * PageSize - within, data.Length);
        data[..length].CopyTo(cache.Slots.Span(slot, run)[within..]);
        return length;
    }

    /// <summary>
    /// Gives slots to a run of pages that have none, or to as many of its first as there is memory for. The bytes [from, to) of the file will be written next.
    /// </summary>
    private int Make(long page, int count, long from, long to, out int slot)
    {
        slot = 0;
        count = (int)Math.Min(count, PageIndex.LeafPages - (page & (PageIndex.LeafPages - 1)));
        bool fromImage = page < imagePages && index[page] == 0;
        if (fromImage)
            count = (int)Math.Min(count, imagePages - page);
        int granted = budget.TakeSome(count);
        count = granted > 0 && index.Reserve(page, granted) ? TakeSlots(granted, out slot, out bool isZero) : NoSlots(out isZero);
        budget.Give(granted - count);
        if (count == 0 && cache.SettleAhead())
            return Make(page, 1, from, to, out slot);
        for (int number = 0; number < count; number++)
        {
            long start = (page + number) << PageBits;
            if (from > start || to < start + PageSize)
                Prepare(slot + number, fromImage ? imageOffset + start : -1, isZero);
            index.Set(page + number, slot + number);
            stored?.Took(page + number, slot + number);
        }

        if (!fromImage)
            PageCount += count;
        else if (count > 0)
            Mapped?.Pages.Discard(page, count, copies: false);
        return count;
    }

    // What a store's page needs was made sure of before: PrepareWrite.
    private int TakeSlots(int count, out int slot, out bool isZero) =>
        stored == null ? cache.TakeSlots(count, out slot, out isZero) : cache.Slots.Take(count, out slot, out isZero);

    private static int NoSlots(out bool isZero)
    {
        isZero = false;
        return 0;
    }

    private void Prepare(int slot, long imageAt, bool isZero)
    {
        if (imageAt >= 0)
            image!.Bytes(imageAt, PageSize).CopyTo(cache.Slots.Span(slot, 1));
        else if (!isZero)
            cache.Slots.Span(slot, 1).Clear();
    }
}
