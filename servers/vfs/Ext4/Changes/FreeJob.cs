namespace Servers.Vfs.Ext4;

/// <summary>
/// Frees what lies behind the end of a file that was cut, or all of one that has no name and no user, piece by piece; until the last piece it is in the list of
/// orphans, so that the next mount goes on after a crash.
/// </summary>
internal sealed class FreeJob : LogJob
{
    // Extents of a piece, each of which may lie in a group of its own: two maps, a descriptor and a node for each, and what every change has.
    private const int MostExtents = 32, BlocksOfExtent = 4, BlocksOfChange = 8;

    private readonly Ext4Inode inode;
    private readonly bool isWhole;
    private readonly long first;
    private long left = BlockMap.MostBlocks;

    /// <param name="inode">In the list of orphans.</param>
    public FreeJob(Ext4Inode inode)
        : base(inode.Disk)
    {
        this.inode = inode;
        isWhole = inode.LinkCount == 0;
        first = isWhole ? 0 : FirstBehind(inode.Volume, inode.Record.Size);
    }

    /// <summary>The first block behind a length.</summary>
    public static long FirstBehind(Volume volume, long size) => (size + volume.BlockSize - 1) >> volume.BlockBits;

    /// <summary>Extents that one change may free.</summary>
    public static int Piece(Transactions log) => Math.Clamp((log.Limit - BlocksOfChange) / BlocksOfExtent, 1, MostExtents);

    protected override Errno Step()
    {
        for (; ; )
        {
            var change = new Change(inode.Disk, Reader);
            InodeRecord record = change[inode];
            long rest = first;
            Errno error = record.Has(InodeRecord.Extents)
                ? new ExtentEditor(change, (uint)inode.Number, record).Remove(first, left, isFreed: true, Piece(inode.Disk.Log!), out rest) : Errno.None;
            if (error == Errno.None && rest <= first)
                error = isWhole ? FreeRest(change, record) : inode.LinkCount > 0 ? inode.Disk.TakeFromOrphans(change, inode) : Errno.None;
            if (error == Errno.None)
                error = change.TryApply();
            if (error != Errno.None)
                return error;
            left = rest;
            if (rest <= first)
                return Errno.None;
        }
    }

    protected override void Stepped(Errno error)
    {
        // It stays an orphan then: who checks the file system finds it.
        if (error != Errno.None)
            inode.Volume.Corrupted($"inode {inode.Number} cannot be freed: {error}");
        else if (isWhole || inode.LinkCount > 0)
            inode.Disk.Orphans.Remove(inode);
        if (isWhole)
            inode.IsGone();
        else
            inode.CutEnded();
    }

    private Errno FreeRest(Change change, InodeRecord record)
    {
        if (record.AttributeBlock != 0)
        {
            Errno late = AttributeEditor.LeaveBlock(change, record);
            if (late != Errno.None)
                return late;
        }

        Errno error = inode.Disk.TakeFromOrphans(change, inode);
        record.Size = 0;
        record.Links = 0;
        record.DeletionTime = (uint)(inode.Disk.Clock.Wall / 1_000_000_000);
        return error == Errno.None ? InodeAllocator.Free(change, (uint)inode.Number, inode.IsDirectory) : error;
    }
}
