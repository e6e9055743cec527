using Servers.Vfs.Attributes;
using Servers.Vfs.Objects;
using Servers.Vfs.Pages;
using Servers.Vfs.Waiting;

namespace Servers.DiskVfs.Disk;

/// <summary>
/// A regular file: pages in the cache over blocks on the disk. A block is there from the write or allocation on; its bytes follow by write-back.
/// </summary>
internal sealed class DiskFile : DiskInode, IPageStore
{
    public const int PageSize = CachedFile.PageSize;

    private bool isFreed;

    public DiskFile(DiskFileSystem fileSystem, DiskRecord record)
        : base(fileSystem, record)
    {
        Content = new CachedFile(fileSystem.Cache, this, record.Size);
        record.Live = this;
    }

    public CachedFile Content { get; }

    public override long Size => Content.Size;

    public override long Blocks => Record.Pages.Count * (PageSize / StatRecord.BlockUnit);

    public override bool IsDirty => base.IsDirty || Content.IsInUse;

    public override Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = null;
        Errno error = Disk.IsFresh(request.Context, this) ? Errno.None : Disk.Drive.Gate(request.Context);
        if (error == Errno.None)
            file = new DiskOpenFile(request.Location, request.Flags, this);
        return error;
    }

    /// <summary>The step of a write that has its effect.</summary>
    public long Write(OperationContext context, ReadOnlySpan<byte> data, long offset)
    {
        long written = Content.Write(context, data, offset);
        if (written <= 0)
            return written;
        for (long page = offset / PageSize; page * PageSize < offset + written; page++)
            Record.Block(page);
        Record.Size = Content.Size;
        Written(context.Credentials, Disk.Clock.Wall);
        return written;
    }

    public Errno Allocate(OperationContext context, long offset, long length, bool keepSize)
    {
        Errno error = keepSize || offset + length <= Size ? Errno.None : PrepareResize(context, offset + length);
        if (error != Errno.None)
            return error;
        for (long page = offset / PageSize; page * PageSize < offset + length; page++)
            Record.Block(page);
        if (!keepSize && offset + length > Size)
            Resize(offset + length);
        return Errno.None;
    }

    public Errno PunchHole(OperationContext context, long offset, long length)
    {
        Errno error = Content.PreparePunch(context, offset, length);
        if (error != Errno.None)
            return error;
        Promise.Keep(Content.PunchHole(offset, length) == Errno.None, "a hole fails that was prepared");
        long end = Math.Min(offset + length, (Size + PageSize - 1) / PageSize * PageSize);
        for (long page = (offset + PageSize - 1) / PageSize; page < end / PageSize; page++)
            Record.Pages.Remove(page);
        return Errno.None;
    }

    /// <summary>The next place with data, or without; −1 if there is none.</summary>
    public long Seek(long offset, bool data)
    {
        if (offset < 0 || offset >= Size)
            return -1;
        for (long page = offset / PageSize; page * PageSize < Size; page++)
        {
            if (Record.Pages.ContainsKey(page) == data)
                return Math.Max(offset, page * PageSize);
        }

        return data ? -1 : Size;
    }

    /// <summary>What a reader would see of a page, here or on the disk; null: it is a hole.</summary>
    public byte[]? Seen(long page)
    {
        int slot = isFreed ? 0 : Content.Index[page];
        if (slot > 0 && (Disk.Cache.States[slot].Flags & SlotFlags.Reading) == 0)
            return Disk.Cache.Slots.Span(slot, 1).ToArray();
        return Record.Pages.TryGetValue(page, out byte[]? bytes) ? [.. bytes] : null;
    }

    void IPageStore.BeginRead(PageTransfer transfer)
    {
        if (Disk.Drive.IsAtOnce)
            FinishRead(transfer);
        else
            Disk.Drive.Start(() => FinishRead(transfer));
    }

    void IPageStore.BeginWrite(PageTransfer transfer)
    {
        // The device may look at the bytes at any time.
        byte[]? early = Disk.Drive.Happens(0.5) ? transfer.Bytes.ToArray() : null;
        if (Disk.Drive.IsAtOnce)
            FinishWrite(transfer, early);
        else
            Disk.Drive.Start(() => FinishWrite(transfer, early));
    }

    Errno IPageStore.Sync(OperationContext context) => Content.Sync(context);

    void IPageStore.WrittenByMapping()
    {
        if (!isFreed)
            StampContent(Disk.Clock.Wall);
    }

    void IPageStore.Unused()
    {
        if (!IsPinned && LinkCount == 0)
            Unused();
        if (Disk.IsAbandoned)
            Disk.GoOn();
    }

    protected override Errno PrepareResize(OperationContext context, long size) => Content.PrepareTruncate(context, size);

    protected override void Resize(long size)
    {
        Promise.Keep(Content.Truncate(size) == Errno.None, "a cut fails that was prepared");
        foreach (long page in Record.Pages.Keys.Where(page => page * PageSize >= size).ToArray())
            Record.Pages.Remove(page);
        if (size < Record.Size && Record.Pages.TryGetValue(size / PageSize, out byte[]? last))
            last.AsSpan((int)(size % PageSize)).Clear();
        Record.Size = size;
    }

    protected override void StartWriteBack()
    {
        base.StartWriteBack();
        Content.BeginWriteBack();
    }

    protected override void Unused()
    {
        if (LinkCount > 0 || isFreed)
            return;
        if (Content.IsMapped)
        {
            Content.TellWhenUnused();
            return;
        }

        Forget();
        base.Unused();
    }

    protected internal override void Evicted()
    {
        Promise.Keep(!Content.IsInUse, "a file is let go that is in use");
        base.Evicted();
        Forget();
    }

    private void Forget()
    {
        isFreed = true;
        Content.Release();
        if (ReferenceEquals(Record.Live, this))
            Record.Live = null;
    }

    private void FinishRead(PageTransfer transfer)
    {
        for (int number = 0; number < transfer.Count; number++)
        {
            Span<byte> target = transfer.Bytes.Slice(number * PageSize, PageSize);
            if (Record.Pages.TryGetValue(transfer.Page + number, out byte[]? bytes))
                bytes.CopyTo(target);
            else
                target.Clear();
        }

        transfer.Complete(Disk.Drive.FailsToRead(Record.Number, transfer.Page, transfer.Count) ? Errno.EIO : Errno.None);
        Disk.Cleaned.Wake();
    }

    private void FinishWrite(PageTransfer transfer, byte[]? early)
    {
        bool fails = Disk.Drive.WriteFails(Record.Number, transfer.Page, transfer.Count);
        byte[] bytes = early ?? transfer.Bytes.ToArray();
        for (int number = 0; number < transfer.Count; number++)
        {
            // Where a write fails, any part of it may have been made.
            if (!isFreed && !(fails && Disk.Drive.Happens(0.5)))
                Record.Pages[transfer.Page + number] = bytes[(number * PageSize)..((number + 1) * PageSize)];
        }

        transfer.Complete(fails ? Errno.EIO : Errno.None);
        Disk.Cleaned.Wake();
    }
}

/// <summary>An open regular file.</summary>
internal sealed class DiskOpenFile(Location location, uint flags, DiskFile file) : OpenFile(location, flags), IMappableFile
{

    public CachedFile Content => file.Content;

    public WriteErrorCursor Told { get; } = file.Content.WriteErrors.Open();

    public override long Read(OperationContext context, Span<byte> buffer, long offset)
    {
        Errno error = file.Disk.Drive.Gate(context);
        if (error != Errno.None)
            return -(long)error;
        long length = file.Content.Read(context, buffer, offset);
        if (length < 0)
            return length;
        if ((Flags & OpenFlags.NoAccessTime) == 0)
            file.StampAccess(AccessTimes.After(Location.Mount, file, file.Disk.Clock.Wall));
        file.Disk.Disturb();
        return length;
    }

    public override long Write(OperationContext context, ReadOnlySpan<byte> data, long offset)
    {
        Errno error = file.Disk.Drive.Gate(context);
        return error == Errno.None ? file.Write(context, data, offset) : -(long)error;
    }

    public override Errno Sync(OperationContext context, bool dataOnly)
    {
        Errno error = file.Content.Sync(context);
        return error == Errno.None ? file.Content.WriteErrors.Tell(Told) : error;
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
        Errno error = file.Disk.Drive.Gate(context);
        if (error != Errno.None)
            return error;
        return mode switch
        {
            AllocateMode.None or AllocateMode.KeepSize => file.Allocate(context, offset, length, mode == AllocateMode.KeepSize),
            AllocateMode.KeepSize | AllocateMode.PunchHole => file.PunchHole(context, offset, length),
            _ => Errno.EOPNOTSUPP,
        };
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
