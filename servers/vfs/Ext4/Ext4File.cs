using Servers.Vfs.Attributes;
using Servers.Vfs.Objects;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Ext4;

/// <summary>A regular file: pages in the cache over blocks of the disk.</summary>
internal sealed partial class Ext4File : Ext4Inode, IPageStore
{
    public Ext4File(Ext4FileSystem fileSystem, uint number, InodeRecord record, byte[] inlineBytes)
        : base(fileSystem, number, record)
    {
        InlineBytes = inlineBytes;
        Content = new CachedFile(fileSystem.Volume.Cache, this, record.Size) { Inode = this };
    }

    /// <summary>Its bytes.</summary>
    public CachedFile Content { get; }

    /// <summary>Bytes that lie in the inode itself, if it has that flag.</summary>
    public byte[] InlineBytes { get; }

    public override long Size => Content.Size;

    /// <summary>What lies in the inode is counted too, as Linux does: programs take files without blocks for holes.</summary>
    public override long Blocks => Delayed + base.Blocks + (Record.Has(InodeRecord.InlineData) ? (Size + StatRecord.BlockUnit - 1) / StatRecord.BlockUnit : 0);

    public override bool IsDirty => base.IsDirty || Content.IsInUse;

    /// <summary>Not while its blocks are counted by what is to be written.</summary>
    public override bool TellsChanges => Content.DirtyPages == 0;

    // Without large_file lengths are below 2 GiB, and without huge_file sectors are counted by 32 bits, some of which are those of the map.
    private long MostBytes
    {
        get
        {
            const long ofSectors = 2L << 40, ofMap = 1L << 32;
            long most = Volume.Super.Has(ReadOnlyFeatures.LargeFiles) ? BlockMap.MostBlocks << Volume.BlockBits : int.MaxValue;
            return Volume.Super.Has(ReadOnlyFeatures.HugeFiles) ? most : Math.Min(most, ofSectors - ofMap);
        }
    }

    // What is to be written has no blocks yet, or has some: they are counted as if it had none, up to what a file without holes has.
    private long Delayed => Content.DirtyPages == 0 ? 0
        : Math.Clamp(((Size + Volume.BlockSize - 1) & -Volume.BlockSize) / StatRecord.BlockUnit - base.Blocks, 0,
            Content.DirtyPages * CachedFile.PageSize / StatRecord.BlockUnit);

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
        // What is written is data; where it is still to be written, only its blocks say so afterwards.
        if (Content.IsDirty && Content.Sync(context) is var late and not Errno.None)
            return -(long)late;
        var reader = new RequestReader(Volume, context);
        long end = (Size + Volume.BlockSize - 1) >> Volume.BlockBits;
        for (long block = offset >> Volume.BlockBits; block < end;)
        {
            Errno error = FindBlock(reader, block, out BlockRun run);
            if (error != Errno.None)
                return -(long)error;
            if (run.HasData == data)
                return Math.Max(offset, block << Volume.BlockBits);
            block = run.End;
        }

        return data ? -(long)Errno.ENXIO : Size;
    }

    /// <summary>The run of blocks that begins at one, as the file is now.</summary>
    public Errno FindBlock(BlockReader reader, long block, out BlockRun run) =>
        BlockMap.Find(reader, (uint)Number, Record, block, out run, Volume.Leaves);

    void IPageStore.BeginRead(PageTransfer transfer) => new ReadJob(this, transfer).Run();

    void IPageStore.BeginWrite(PageTransfer transfer) => new WriteJob(this, transfer).Run();

    Errno IPageStore.Sync(OperationContext context) => Sync(context);

    void IPageStore.WrittenByMapping() => ModifyTime = ChangeTime = Disk.Clock.Wall;

    void IPageStore.Unused()
    {
        FreeIfUnused();
        Disk.GoOn();
    }

    /// <summary>The file is on the disk, and what is needed to find it.</summary>
    public Errno Sync(OperationContext context)
    {
        Errno error = Content.Sync(context);
        return error == Errno.None ? Disk.Commit(context) : error;
    }

    /// <summary>The step of a write that has its effect.</summary>
    public long Write(OperationContext context, ReadOnlySpan<byte> data, long offset)
    {
        Errno error = Disk.Log == null || Disk.IsDamaged ? Errno.EROFS : Record.Has(InodeRecord.Immutable) ? Errno.EPERM : Errno.None;
        if (error == Errno.None && !Record.Has(InodeRecord.Extents))
            error = Errno.EOPNOTSUPP;
        if (error == Errno.None && offset + data.Length > MostBytes)
            error = Errno.EFBIG;
        if (error == Errno.None)
            error = AwaitCut(context);
        if (error == Errno.None)
            error = Disk.AwaitRoom(context, (data.Length >> Volume.BlockBits) + 2);
        if (error == Errno.None)
            error = LoseCapabilities(context, change: null);
        if (error != Errno.None)
            return -(long)error;
        long written = Content.Write(context, data, offset);
        if (written > 0)
            Written(context.Credentials, Disk.Clock.Wall);
        return written;
    }

    protected override bool CanFree()
    {
        if (Content.IsMapped)
        {
            Content.TellWhenUnused();
            return false;
        }

        // What is being written has its blocks until it ends.
        Content.Release();
        return !Content.IsInUse;
    }

    protected override Errno PrepareResize(OperationContext context, long size)
    {
        if (!Record.Has(InodeRecord.Extents))
            return Errno.EOPNOTSUPP;
        if (size > MostBytes)
            return Errno.EFBIG;
        return Content.PrepareTruncate(context, size);
    }

    protected override Errno Resize(Change change, InodeRecord record, long size, out bool isLeft)
    {
        record.Size = size;
        long first = FreeJob.FirstBehind(Volume, size);
        Errno error = new ExtentEditor(change, (uint)Number, record).Remove(first, BlockMap.MostBlocks, isFreed: true, FreeJob.Piece(Disk.Log!), out long left);
        isLeft = left > first;
        return error;
    }

    protected override void Resized(long size) => Content.Truncate(size);

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
