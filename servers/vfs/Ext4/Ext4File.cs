using Servers.Vfs.Attributes;
using Servers.Vfs.Objects;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Ext4;

/// <summary>A regular file: pages in the cache over blocks of the disk.</summary>
internal sealed class Ext4File : Ext4Inode, IPageStore
{
    public Ext4File(Ext4FileSystem fileSystem, uint number, InodeRecord record, byte[] inlineBytes)
        : base(fileSystem, number, record)
    {
        InlineBytes = inlineBytes;
        Content = new CachedFile(fileSystem.Volume.Cache, this, record.Size);
    }

    /// <summary>Its bytes.</summary>
    public CachedFile Content { get; }

    /// <summary>Bytes that lie in the inode itself, if it has that flag.</summary>
    public byte[] InlineBytes { get; }

    public override long Size => Content.Size;

    /// <summary>What lies in the inode is counted too, as Linux does: programs take files without blocks for holes.</summary>
    public override long Blocks => base.Blocks + (Record.Has(InodeRecord.InlineData) ? (Size + StatRecord.BlockUnit - 1) / StatRecord.BlockUnit : 0);

    public override bool IsDirty => base.IsDirty || Content.IsInUse;

    public override Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = new Ext4OpenFile(request.Location, request.Flags, this);
        return Errno.None;
    }

    /// <summary>The next place with data, or without, lseek(2); −ENXIO if there is none.</summary>
    public long Seek(OperationContext context, long offset, bool data)
    {
        if (offset < 0 || offset >= Size)
            return -(long)Errno.ENXIO;
        if (Record.Has(InodeRecord.InlineData))
            return data ? offset : Size;
        var reader = new RequestReader(Volume, context);
        long end = (Size + Volume.BlockSize - 1) >> Volume.BlockBits;
        for (long block = offset >> Volume.BlockBits; block < end;)
        {
            Errno error = BlockMap.Find(reader, (uint)Number, Record, block, out BlockRun run);
            if (error != Errno.None)
                return -(long)error;
            if (run.HasData == data)
                return Math.Max(offset, block << Volume.BlockBits);
            block = run.End;
        }

        return data ? -(long)Errno.ENXIO : Size;
    }

    void IPageStore.BeginRead(PageTransfer transfer) => new ReadJob(this, transfer).Run();

    void IPageStore.BeginWrite(PageTransfer transfer) => transfer.Complete(Errno.EROFS);

    Errno IPageStore.Sync(OperationContext context) => Content.Sync(context);

    void IPageStore.WrittenByMapping()
    {
    }

    void IPageStore.Unused() => Disk.GoOn();

    protected override void Unused()
    {
        if (Content.IsMapped)
            Content.TellWhenUnused();
    }

    protected override void StartWriteBack()
    {
        base.StartWriteBack();
        Content.BeginWriteBack();
    }

    protected internal override void Evicted()
    {
        base.Evicted();
        Content.Release();
    }
}

/// <summary>An open regular file.</summary>
internal sealed class Ext4OpenFile(Location location, uint flags, Ext4File file) : OpenFile(location, flags), IMappableFile
{
    public CachedFile Content => file.Content;

    public WriteErrorCursor Told { get; } = file.Content.WriteErrors.Open();

    public override long Read(OperationContext context, Span<byte> buffer, long offset)
    {
        long length = file.Content.Read(context, buffer, offset);
        if (length >= 0)
            file.Read(Location.Mount, Flags);
        return length;
    }

    public override long Write(OperationContext context, ReadOnlySpan<byte> data, long offset) => -(long)Errno.EROFS;

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
        long found = file.Seek(context, offset, whence == seekData);
        return found < 0 ? found : SetOffset(found, 0);
    }
}
