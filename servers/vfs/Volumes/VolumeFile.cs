using Servers.Vfs.Attributes;
using Servers.Vfs.Blocks;
using Servers.Vfs.Objects;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Volumes;

/// <summary>A regular file: pages in the cache over sectors of the device.</summary>
internal abstract class VolumeFile : VolumeInode, IPageStore
{
    protected VolumeFile(VolumeFileSystem fileSystem, ulong number, in VolumeAttributes attributes, long size)
        : base(fileSystem, number, attributes) => Content = new CachedFile(fileSystem.Sources.Cache, this, size);

    /// <summary>Its bytes.</summary>
    public CachedFile Content { get; }

    public override long Size => Content.Size;

    public override bool IsDirty => Content.IsInUse;

    public override Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = new VolumeOpenFile(request.Location, request.Flags, this);
        return Errno.None;
    }

    /// <inheritdoc/>
    public abstract void BeginRead(PageTransfer transfer);

    void IPageStore.BeginWrite(PageTransfer transfer) => transfer.Complete(Errno.EROFS);

    Errno IPageStore.Sync(OperationContext context) => Errno.None;

    void IPageStore.WrittenByMapping()
    {
        // Nobody can: the mount is read-only.
    }

    void IPageStore.Unused() => Owned.GoOn();

    protected override void StartWriteBack() => Content.TellWhenUnused();

    protected internal override void Evicted()
    {
        base.Evicted();
        Content.Release();
    }
}

/// <summary>An open regular file.</summary>
internal sealed class VolumeOpenFile(Location location, uint flags, VolumeFile file) : OpenFile(location, flags), IMappableFile
{
    public CachedFile Content => file.Content;

    public override long Read(OperationContext context, Span<byte> buffer, long offset) => file.Content.Read(context, buffer, offset);

    public override long Seek(OperationContext context, long offset, uint whence)
    {
        // The device has no holes: data up to the end, lseek(2).
        const uint seekData = 3, seekHole = 4;
        if (whence is not (seekData or seekHole))
            return base.Seek(context, offset, whence);
        if (offset < 0 || offset >= file.Size)
            return -(long)Errno.ENXIO;
        return SetOffset(whence == seekData ? offset : file.Size, 0);
    }
}

/// <summary>Fills the pages of one transfer from sectors, which whoever knows where they are adds in the order of the file.</summary>
internal sealed class PageFill
{
    private const int SectorBits = 9;

    private readonly VolumeFile file;
    private readonly PageTransfer pages;
    private readonly DiskTransfer transfer;

    public PageFill(VolumeFile file, PageTransfer pages)
    {
        (this.file, this.pages) = (file, pages);
        transfer = new DiskTransfer(file.Owned.Disk);
        transfer.Begin(BlockKind.Read);
        Position = pages.Page * CachedFile.PageSize;
        // Whole sectors; what lies behind the end is cleared afterwards, and what lies behind the device is not read.
        End = Math.Min(Position + pages.Bytes.Length, (file.Content.Size + BlockRequest.SectorLength - 1) & -BlockRequest.SectorLength);
    }

    /// <summary>Where the file is to be filled from.</summary>
    public long Position { get; private set; }

    /// <summary>Up to where.</summary>
    public long End { get; }

    /// <summary>What comes next lies in the sectors from one on: so many bytes, whole sectors, or as many as are wanted.</summary>
    public void Add(long sector, long length)
    {
        for (long end = Math.Min(Position + length, End); Position < end;)
        {
            long within = Position - pages.Page * CachedFile.PageSize;
            int page = (int)(within / CachedFile.PageSize), offset = (int)(within % CachedFile.PageSize);
            int piece = (int)Math.Min(CachedFile.PageSize - offset, end - Position);
            transfer.Add(sector, new BlockSegment(pages.Slot + page, offset, piece));
            sector += piece >> SectorBits;
            Position += piece;
        }
    }

    /// <summary>All is added, or an error was found: the transfer ends, now or later.</summary>
    public void Submit(Errno error)
    {
        if (error == Errno.None && !transfer.IsEmpty)
            transfer.Submit(Ended);
        else
            Ended(error);
    }

    private void Ended(Errno error)
    {
        long rest = file.Content.Size - pages.Page * CachedFile.PageSize;
        if (rest >= 0 && rest < pages.Bytes.Length)
            pages.Bytes[(int)rest..].Clear();
        pages.Complete(error);
    }
}
