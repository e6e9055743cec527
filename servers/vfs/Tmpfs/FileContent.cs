using Libsys.Abi;
using Servers.Vfs.Linux;
using Servers.Vfs.Processes;
using Servers.Vfs.Requests;

namespace Servers.Vfs.Tmpfs;

/// <summary>
/// Bytes of a regular file in memory. A file of the boot archive is read where it lies; the first write copies it into memory of its own.
/// Own memory comes in segments at fixed offsets, each one memory object, made on demand: a segment never moves, so mappings stay true while the
/// file grows.
/// </summary>
public sealed class FileContent
{
    /// <summary>Bytes of a page.</summary>
    public const int PageSize = 4096;

    /// <summary>Largest file: the end of the last segment. Beyond it writes fail with EFBIG.</summary>
    public const long Limit = 16L << 30;

    // Small files get a small object, large ones few objects. From 1 GiB on one object a GiB, which a span can still cover.
    private static readonly long[] SegmentStarts = MakeSegmentStarts();

    private readonly IFileMemorySource source;
    private readonly PageBudget budget;
    private readonly ClientMemory kept;
    private Segment[] segments = [];
    private IFileMemory? archive;
    private long archiveOffset;

    /// <summary>An empty file.</summary>
    public FileContent(IFileMemorySource source, PageBudget budget, ClientMemory kept)
    {
        this.source = source;
        this.budget = budget;
        this.kept = kept;
    }

    /// <summary>Length in bytes.</summary>
    public long Size { get; private set; }

    /// <summary>Pages that hold data.</summary>
    public long PageCount { get; private set; }

    /// <summary>Shows a page-aligned range of the boot archive, zero-padded to the end of its last page, as the content.</summary>
    public void Adopt(IFileMemory archiveMemory, long offset, long length)
    {
        archive = archiveMemory;
        archiveOffset = offset;
        Size = length;
        PageCount = Pages(length);
    }

    /// <summary>Reads at <paramref name="offset"/>; holes read as zero.</summary>
    public int Read(Span<byte> buffer, long offset)
    {
        if (offset >= Size || offset < 0)
            return 0;
        int length = (int)Math.Min(buffer.Length, Size - offset);
        if (archive != null)
        {
            archive.Bytes.Slice((int)(archiveOffset + offset), length).CopyTo(buffer);
            return length;
        }

        int done = 0;
        while (done < length)
            done += ReadPiece(buffer[done..length], offset + done);
        return length;
    }

    /// <summary>Writes at <paramref name="offset"/>, making the file longer if needed: bytes written, or −ENOSPC, −EFBIG if none.</summary>
    public long Write(ReadOnlySpan<byte> data, long offset)
    {
        if (data.IsEmpty)
            return 0;
        if (offset >= Limit)
            return -(long)Errno.EFBIG;
        data = data[..(int)Math.Min(data.Length, Limit - offset)];
        if (!OwnMemory())
            return -(long)Errno.ENOSPC;
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

    /// <summary>Cuts the file or extends it with a hole.</summary>
    public Errno Truncate(long length)
    {
        if (length > Limit)
            return Errno.EFBIG;
        if (archive != null && length == 0)
            DropArchive();
        else if (archive != null && length != Size && !OwnMemory())
            return Errno.ENOSPC;
        if (length > Size)
            ClearTail();
        else if (length < Size)
            Discard(Pages(length), Pages(Size));
        Size = length;
        ClearTail();
        return Errno.None;
    }

    /// <summary>fallocate(2): makes sure that pages exist; the size grows unless <paramref name="keepSize"/>.</summary>
    public Errno Allocate(long offset, long length, bool keepSize)
    {
        if (offset + length > Limit)
            return Errno.EFBIG;
        if (!OwnMemory())
            return Errno.ENOSPC;
        if (offset + length > Size)
            ClearTail();
        for (long at = offset; at < offset + length;)
        {
            if (!Commit(at, offset + length - at, out int piece))
                return Errno.ENOSPC;
            at += piece;
        }

        if (!keepSize && offset + length > Size)
            Size = offset + length;
        return Errno.None;
    }

    /// <summary>FALLOC_FL_PUNCH_HOLE: the range reads as zero; whole pages are freed.</summary>
    public Errno PunchHole(long offset, long length)
    {
        long end = Math.Min(offset + length, Pages(Size) * PageSize);
        if (offset >= end)
            return Errno.None;
        if (!OwnMemory())
            return Errno.ENOSPC;
        long firstWhole = Pages(offset);
        long endWhole = end / PageSize;
        if (firstWhole > endWhole)
        {
            Clear(offset, end);
            return Errno.None;
        }

        Clear(offset, firstWhole * PageSize);
        Discard(firstWhole, endWhole);
        Clear(endWhole * PageSize, end);
        return Errno.None;
    }

    /// <summary>SEEK_DATA and SEEK_HOLE, lseek(2): the next data or hole at or after <paramref name="offset"/>, −1 if there is none.</summary>
    public long Seek(long offset, bool data)
    {
        if (offset >= Size || offset < 0)
            return -1;
        for (long at = offset; at < Size;)
        {
            bool present = archive != null;
            long end = Size;
            if (archive == null)
            {
                int index = SegmentOf(at);
                Segment? segment = index < segments.Length ? segments[index] : null;
                end = segment == null ? SegmentStarts[index + 1] : (at / PageSize + 1) * PageSize;
                present = segment != null && segment.Has((int)((at - SegmentStarts[index]) / PageSize));
            }

            if (present == data)
                return at;
            at = end;
        }

        return data ? -1 : Size;
    }

    /// <summary>
    /// Maps a page-aligned range, which must end within the last page of the file, into a client. A writable shared mapping may fill pages behind
    /// our back: they count as data from then on.
    /// </summary>
    public Errno Map(IClientSpace space, ulong address, long offset, long length, MapFlags flags)
    {
        bool writesThrough = (flags & MapFlags.Shared) != 0;
        if (writesThrough && !OwnMemory())
            return Errno.ENOMEM;
        if (archive != null)
            return ToErrno(space.Map(address, length, flags, archive, archiveOffset + offset));
        for (long at = offset; at < offset + length;)
        {
            Segment? segment = Own(SegmentOf(at));
            if (segment == null)
                return Errno.ENOMEM;
            long start = SegmentStarts[SegmentOf(at)];
            long piece = Math.Min(offset + length - at, segment.Length - (at - start));
            if (writesThrough && !Commit(at, piece, out _))
                return Errno.ENOMEM;
            Errno error = ToErrno(space.Map(address + (ulong)(at - offset), piece, flags, segment.Memory, at - start));
            if (error != Errno.None)
                return error;
            at += piece;
        }

        return Errno.None;
    }

    /// <summary>The file is gone.</summary>
    public void Release()
    {
        foreach (Segment? segment in segments)
        {
            if (segment == null)
                continue;
            segment.Memory.Release();
            kept.Give(Segment.MapBytes(segment.Length));
        }

        if (archive == null)
            budget.Give(PageCount);
        segments = [];
        archive = null;
        PageCount = 0;
        Size = 0;
    }

    private static long Pages(long bytes) => (bytes + PageSize - 1) / PageSize;

    private static Errno ToErrno(KernelStatus status) => status switch
    {
        KernelStatus.Ok => Errno.None,
        KernelStatus.Occupied => Errno.EEXIST,
        KernelStatus.BadArgument => Errno.EINVAL,
        KernelStatus.NoRight => Errno.EACCES,
        _ => Errno.ENOMEM,
    };

    private static long[] MakeSegmentStarts()
    {
        var starts = new List<long> { 0, 64 << 10, 1 << 20, 16 << 20, 256 << 20 };
        for (long start = 1L << 30; start <= Limit; start += 1L << 30)
            starts.Add(start);
        return [.. starts];
    }

    private static int SegmentOf(long offset)
    {
        int index = 0;
        while (SegmentStarts[index + 1] <= offset)
            index++;
        return index;
    }

    private int ReadPiece(Span<byte> buffer, long offset)
    {
        int index = SegmentOf(offset);
        long start = SegmentStarts[index];
        int length = (int)Math.Min(buffer.Length, SegmentStarts[index + 1] - offset);
        Segment? segment = index < segments.Length ? segments[index] : null;
        if (segment == null)
        {
            buffer[..length].Clear();
            return length;
        }

        // One run of pages that are all there, or all holes.
        int within = (int)(offset - start);
        int page = within / PageSize;
        bool present = segment.Has(page);
        int runEnd = page + 1;
        int lastPage = (within + length - 1) / PageSize;
        while (runEnd <= lastPage && segment.Has(runEnd) == present)
            runEnd++;
        length = Math.Min(length, runEnd * PageSize - within);
        if (present)
            segment.Memory.Bytes.Slice(within, length).CopyTo(buffer);
        else
            buffer[..length].Clear();
        return length;
    }

    private int WritePiece(ReadOnlySpan<byte> data, long offset)
    {
        if (!Commit(offset, data.Length, out int length))
            return 0;
        int index = SegmentOf(offset);
        data[..length].CopyTo(segments[index].Memory.Bytes[(int)(offset - SegmentStarts[index])..]);
        return length;
    }

    /// <summary>Makes the pages of a range exist, as far as its first segment goes.</summary>
    private bool Commit(long offset, long wanted, out int length)
    {
        length = 0;
        int index = SegmentOf(offset);
        Segment? segment = Own(index);
        if (segment == null)
            return false;
        int within = (int)(offset - SegmentStarts[index]);
        length = (int)Math.Min(wanted, segment.Length - within);
        int firstPage = within / PageSize;
        int endPage = (within + length - 1) / PageSize + 1;
        int missing = endPage - firstPage - segment.Count(firstPage, endPage);
        if (missing == 0)
            return true;
        if (!budget.TryTake(missing))
            return false;
        if (!segment.Memory.Commit((long)firstPage * PageSize, (long)(endPage - firstPage) * PageSize))
        {
            budget.Give(missing);
            return false;
        }

        segment.Mark(firstPage, endPage);
        PageCount += missing;
        return true;
    }

    private Segment? Own(int index)
    {
        if (index >= segments.Length)
            Array.Resize(ref segments, index + 1);
        if (segments[index] is { } existing)
            return existing;
        long length = SegmentStarts[index + 1] - SegmentStarts[index];
        // A few pages far apart make a file of many large segments, whose page maps lie in vfs' heap.
        if (!kept.TryTake(Segment.MapBytes(length)))
            return null;
        IFileMemory? memory = source.Create(length);
        if (memory == null)
        {
            kept.Give(Segment.MapBytes(length));
            return null;
        }

        return segments[index] = new Segment(memory, length);
    }

    /// <summary>Copies a file of the archive into memory of its own. False: no memory; nothing has changed then.</summary>
    private bool OwnMemory()
    {
        if (archive == null)
            return true;
        IFileMemory from = archive;
        long fromOffset = archiveOffset;
        long length = Size;
        long pages = PageCount;
        archive = null;
        PageCount = 0;
        for (long at = 0; at < length;)
        {
            int piece = WritePiece(from.Bytes.Slice((int)(fromOffset + at), (int)(length - at)), at);
            if (piece == 0)
            {
                Release();
                archive = from;
                archiveOffset = fromOffset;
                Size = length;
                PageCount = pages;
                return false;
            }

            at += piece;
        }

        return true;
    }

    private void DropArchive()
    {
        archive = null;
        PageCount = 0;
        Size = 0;
    }

    /// <summary>Zeroes what lies beyond the end in the last page: a shared mapping may have written there.</summary>
    private void ClearTail()
    {
        if (archive == null && Size % PageSize != 0)
            Clear(Size, Pages(Size) * PageSize);
    }

    /// <summary>Zeroes a range within one page, if the page is there.</summary>
    private void Clear(long from, long to)
    {
        if (from >= to)
            return;
        int index = SegmentOf(from);
        if (index >= segments.Length || segments[index] is not { } segment)
            return;
        int within = (int)(from - SegmentStarts[index]);
        if (segment.Has(within / PageSize))
            segment.Memory.Bytes.Slice(within, (int)(to - from)).Clear();
    }

    private void Discard(long firstPage, long endPage)
    {
        for (int index = 0; index < segments.Length; index++)
        {
            if (segments[index] is not { } segment)
                continue;
            long start = SegmentStarts[index] / PageSize;
            int first = (int)Math.Clamp(firstPage - start, 0, segment.Length / PageSize);
            int end = (int)Math.Clamp(endPage - start, 0, segment.Length / PageSize);
            if (first >= end)
                continue;
            int freed = segment.Count(first, end);
            segment.Unmark(first, end);
            PageCount -= freed;
            budget.Give(freed);
            segment.Memory.Discard((long)first * PageSize, (long)(end - first) * PageSize);
        }
    }
}
