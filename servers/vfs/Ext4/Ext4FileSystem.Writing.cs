using Servers.Vfs.Objects;
using Servers.Vfs.Pages;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Ext4;

// Changes: the journal, room, files without names, the end.
internal sealed partial class Ext4FileSystem
{
    // A change is on the disk after so long at the latest, as on Linux.
    private const long CommitAfter = 5_000_000_000;

    // Blocks of metadata that data may need to be found: kept free beside it.
    private const long Spare = 64;

    private JournalPlace? place;
    private byte[]? journal;
    private IAlarm? alarm;
    private Func<IPageStore, bool>? isOwn;
    private long syncedFor;
    private bool isAbandoned, isClosing, isClosed, hasBegun;

    /// <summary>Damage was found while it could be written: nothing is changed any more, as with errors=remount-ro, ext4(5).</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>Inodes without names, the newest last: the list of orphans on the disk begins with it.</summary>
    public List<Ext4Inode> Orphans { get; } = [];

    /// <summary>Puts an inode at the head of the list of orphans; <see cref="Orphans"/> follows when the change is applied.</summary>
    public void AddToOrphans(Change change, Ext4Inode inode)
    {
        change[inode].DeletionTime = Orphans.Count > 0 ? (uint)Orphans[^1].Number : 0;
        change.FirstOrphan = (uint)inode.Number;
    }

    /// <summary>Takes one out of it.</summary>
    public Errno TakeFromOrphans(Change change, Ext4Inode inode)
    {
        int at = Orphans.IndexOf(inode);
        if (at < 0)
            return Errno.None;
        change[inode].DeletionTime = 0;
        uint next = at > 0 ? (uint)Orphans[at - 1].Number : 0;
        if (at == Orphans.Count - 1)
            change.FirstOrphan = next;
        else
            change[Orphans[at + 1]].DeletionTime = next;
        return Errno.None;
    }

    /// <summary>
    /// Makes sure that there are blocks for what is about to be written. Pages that are dirty may have blocks or not: when it gets tight they are written
    /// first, and then it is known.
    /// </summary>
    public Errno AwaitRoom(OperationContext context, long blocks)
    {
        if (FreeFor(context) - (long)Volume.Cache.WriteBack.Pages * Volume.BlocksPerPage >= blocks)
            return Errno.None;
        Errno error = SyncFiles(context);
        if (error != Errno.None)
            return error;
        return FreeFor(context) >= blocks ? Errno.None : Errno.ENOSPC;
    }

    private long FreeFor(OperationContext context) =>
        Volume.Super.FreeBlocks - Allocator.Claimed - Spare - (context.Credentials.IsPrivileged ? 0 : Volume.Super.ReservedBlocks);

    public override Errno Sync(OperationContext context)
    {
        Errno error = SyncFiles(context);
        return error == Errno.None ? Commit(context) : error;
    }

    /// <summary>What was changed but for the data of files is on the disk, or waits for it: fsync(2) of a directory.</summary>
    public Errno Commit(OperationContext context) => Log?.Commit(context) ?? Errno.None;

    private Errno SyncFiles(OperationContext context) =>
        Volume.Cache.WriteBack.Sync(context, isOwn ??= store => store is Ext4File file && file.Disk == this, ref syncedFor);

    public override Errno Reconfigure(OperationContext context, MountFlags restrictions)
    {
        bool isReadOnly = (restrictions & MountFlags.ReadOnly) != 0;
        if (!isReadOnly && IsDamaged)
            return Errno.EROFS;
        Errno error = isReadOnly ? Settle(context) : Log == null ? StartLog(context) : Errno.None;
        if (error == Errno.None && isReadOnly)
            EndLog();
        return error == Errno.None ? base.Reconfigure(context, restrictions) : error;
    }

    public override Errno CheckReadOnly(Mount mount) => Volume.Cache.IsWrittenThrough(mount) ? Errno.EBUSY : Errno.None;

    public override Errno CheckUnnamed() => Orphans.Exists(static inode => inode.IsPinned) ? Errno.EBUSY : Errno.None;
}
