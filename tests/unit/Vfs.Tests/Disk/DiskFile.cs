using Servers.Vfs.Attributes;
using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Tests.Disk;

/// <summary>A regular file; its pages are read when they are wanted, and forgotten at any time.</summary>
internal sealed class DiskFile(DiskFileSystem fileSystem, DiskRecord record) : DiskInode(fileSystem, record)
{
    public const int PageSize = 4096;

    private readonly HashSet<long> present = [];
    private readonly Dictionary<long, WaitQueue> loading = [];
    private bool hasFailed;

    public override long Size => Record.Size;

    public override long Blocks => Record.Pages.Count * (PageSize / StatRecord.BlockUnit);

    public override Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = null;
        Errno error = Disk.IsFresh(request.Context, this) ? Errno.None : Disk.Drive.Gate(request.Context);
        if (error == Errno.None)
            file = new DiskOpenFile(request.Location, request.Flags, this);
        return error;
    }

    /// <summary>All pages of a range at once, or a wait for those that are not there.</summary>
    public Errno Load(OperationContext context, long offset, long length)
    {
        if (hasFailed)
        {
            hasFailed = false;
            return Errno.EIO;
        }

        Errno error = Errno.None;
        long end = Math.Min(offset + length, Record.Size);
        for (long page = offset / PageSize; page * PageSize < end; page++)
        {
            if (present.Contains(page) || !Record.Pages.ContainsKey(page))
                continue;
            if (!loading.TryGetValue(page, out WaitQueue? queue))
            {
                loading.Add(page, queue = new WaitQueue());
                long wanted = page;
                Disk.Drive.Start(() => Arrived(wanted));
            }

            error = Disk.Drive.Wait(context, queue);
        }

        return error;
    }

    public void CopyTo(Span<byte> buffer, long offset)
    {
        for (int done = 0; done < buffer.Length;)
        {
            (long page, int within) = Math.DivRem(offset + done, PageSize) is var (quotient, rest) ? (quotient, (int)rest) : default;
            int length = Math.Min(PageSize - within, buffer.Length - done);
            if (Record.Pages.TryGetValue(page, out byte[]? bytes))
                bytes.AsSpan(within, length).CopyTo(buffer[done..]);
            else
                buffer.Slice(done, length).Clear();
            done += length;
        }

        // Memory is short: some pages are forgotten when they have been used.
        if (Disk.Drive.Happens(0.3))
            present.Clear();
    }

    public void CopyFrom(ReadOnlySpan<byte> data, long offset)
    {
        for (int done = 0; done < data.Length;)
        {
            (long page, long within) = Math.DivRem(offset + done, PageSize);
            int length = (int)Math.Min(PageSize - within, data.Length - done);
            data.Slice(done, length).CopyTo(Page(page).AsSpan((int)within));
            done += length;
        }

        Record.Size = Math.Max(Record.Size, offset + data.Length);
    }

    public void Allocate(long offset, long length, bool keepSize)
    {
        for (long page = offset / PageSize; page * PageSize < offset + length; page++)
            Page(page);
        if (!keepSize)
            Record.Size = Math.Max(Record.Size, offset + length);
    }

    /// <summary>The next place with data, or without; −1 if there is none.</summary>
    public long Seek(long offset, bool data)
    {
        if (offset < 0 || offset >= Record.Size)
            return -1;
        for (long page = offset / PageSize; page * PageSize < Record.Size; page++)
        {
            if (Record.Pages.ContainsKey(page) == data)
                return Math.Max(offset, page * PageSize);
        }

        return data ? -1 : Record.Size;
    }

    protected override void Resize(long size)
    {
        foreach (long page in Record.Pages.Keys.Where(page => page * PageSize >= size).ToArray())
            Record.Pages.Remove(page);
        if (size < Record.Size && Record.Pages.TryGetValue(size / PageSize, out byte[]? last))
            last.AsSpan((int)(size % PageSize)).Clear();
        Record.Size = size;
    }

    private byte[] Page(long page)
    {
        if (Record.Pages.TryGetValue(page, out byte[]? bytes))
            return bytes;
        present.Add(page);
        return Record.Pages[page] = new byte[PageSize];
    }

    private void Arrived(long page)
    {
        loading.Remove(page, out WaitQueue? queue);
        if (Disk.Drive.Fails())
            hasFailed = true;
        else
            present.Add(page);
        queue!.Wake();
    }
}

/// <summary>An open regular file.</summary>
internal sealed class DiskOpenFile(Location location, uint flags, DiskFile file) : OpenFile(location, flags)
{
    public override long Read(OperationContext context, Span<byte> buffer, long offset)
    {
        Errno error = file.Load(context, offset, buffer.Length);
        if (error == Errno.None)
            error = file.Disk.Drive.Gate(context);
        if (error != Errno.None)
            return -(long)error;
        int length = (int)Math.Clamp(file.Size - offset, 0, buffer.Length);
        file.CopyTo(buffer[..length], offset);
        if ((Flags & OpenFlags.NoAccessTime) == 0)
            file.StampAccess(AccessTimes.After(Location.Mount, file, file.Disk.Clock.Wall));
        return length;
    }

    public override long Write(OperationContext context, ReadOnlySpan<byte> data, long offset)
    {
        // What a page keeps of its old bytes must be there.
        Errno error = data.IsEmpty ? Errno.None : file.Load(context, offset, data.Length);
        if (error == Errno.None)
            error = file.Disk.Drive.Gate(context);
        if (error != Errno.None)
            return -(long)error;
        if (data.IsEmpty)
            return 0;
        file.CopyFrom(data, offset);
        file.Written(context.Credentials, file.Disk.Clock.Wall);
        return data.Length;
    }

    public override long Seek(OperationContext context, long offset, uint whence)
    {
        const uint seekData = 3, seekHole = 4;
        if (whence is not (seekData or seekHole))
            return base.Seek(context, offset, whence);
        Errno error = file.Disk.Drive.Gate(context);
        if (error != Errno.None)
            return -(long)error;
        long found = file.Seek(offset, whence == seekData);
        return found < 0 ? -(long)Errno.ENXIO : SetOffset(found, 0);
    }

    public override Errno Allocate(OperationContext context, AllocateMode mode, long offset, long length)
    {
        if ((mode & AllocateMode.PunchHole) != 0)
            return Errno.EOPNOTSUPP;
        Errno error = file.Disk.Drive.Gate(context);
        if (error == Errno.None)
            file.Allocate(offset, length, (mode & AllocateMode.KeepSize) != 0);
        return error;
    }

    // The only place where this file system waits and cannot fail: a handle goes in any case.
    public override Errno Flush(OperationContext context) => file.Disk.Drive.Happens(0.1) && context.Tries < 3 ? WaitOnce(context) : Errno.None;

    private Errno WaitOnce(OperationContext context)
    {
        var queue = new WaitQueue();
        file.Disk.Drive.Start(queue.Wake);
        return file.Disk.Drive.Wait(context, queue);
    }
}
