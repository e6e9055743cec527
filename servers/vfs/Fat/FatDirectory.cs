using Servers.Vfs.Attributes;
using Servers.Vfs.Files;
using Servers.Vfs.Objects;
using Servers.Vfs.Pages;
using Servers.Vfs.Volumes;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Fat;

/// <summary>A directory.</summary>
internal sealed class FatDirectory(FatFileSystem fileSystem, ulong number, in VolumeAttributes attributes, FatContent content)
    : VolumeDirectory(fileSystem, number, attributes)
{
    public override long Size => content.Length;

    public override long Blocks => FatFile.BlocksOf(fileSystem.Geometry, content.Length);

    public override long BlockSize => fileSystem.Geometry.ClusterSize;

    public override Errno List(OperationContext context, ref DirectoryRecords records, ref long offset, out bool isFull)
    {
        isFull = false;
        // An offset that somebody has made up: the next entry.
        long from = Math.Min(offset - VolumeDirectoryFile.FirstName, content.Length);
        var entries = new FatEntries(context, content) { Position = (int)(from + FatGeometry.EntryLength - 1) & -FatGeometry.EntryLength };
        while (true)
        {
            Errno error = entries.Next(out FatEntry? entry);
            if (error != Errno.None || entry == null)
                return error;
            byte[] name = FatNames.Of(entry, fileSystem.Options);
            byte type = InodeMode.DirectoryRecordType(entry.Record.IsDirectory ? InodeMode.Directory : InodeMode.Regular);
            long next = entry.Next + VolumeDirectoryFile.FirstName;
            if (name.Length > 0 && !records.TryAdd(entry.Number, next, type, name))
            {
                isFull = true;
                return Errno.None;
            }

            offset = next;
        }
    }

    protected override Errno Find(OperationContext context, ReadOnlySpan<byte> name, out VolumeInode? inode, out byte[]? known)
    {
        (inode, known) = (null, null);
        var entries = new FatEntries(context, content);
        while (true)
        {
            Errno error = entries.Next(out FatEntry? entry);
            if (error != Errno.None || entry == null)
                return error != Errno.None ? error : Errno.ENOENT;
            if (!FatNames.IsNameOf(entry, name, fileSystem.Options))
                continue;
            byte[] shown = FatNames.Of(entry, fileSystem.Options);
            known = shown.Length == 0 || name.SequenceEqual(shown) ? null : shown;
            return FatInodes.Load(context, fileSystem, entry, out inode);
        }
    }
}

/// <summary>A regular file: a chain of clusters.</summary>
internal sealed class FatFile(FatFileSystem fileSystem, ulong number, in VolumeAttributes attributes, uint cluster, uint size)
    : VolumeFile(fileSystem, number, attributes, size)
{
    private readonly FatChain chain = new(fileSystem, cluster);

    public override long Blocks => BlocksOf(fileSystem.Geometry, Size);

    public override long BlockSize => fileSystem.Geometry.ClusterSize;

    /// <summary>st_blocks of so many bytes.</summary>
    public static long BlocksOf(FatGeometry geometry, long length) => ((length + geometry.ClusterSize - 1) & -geometry.ClusterSize) / StatRecord.BlockUnit;

    public override void BeginRead(PageTransfer transfer) => new Job(this, transfer).Run();

    /// <summary>Fills pages: finds the clusters, which may wait for the table.</summary>
    private sealed class Job
    {
        private const int SectorBits = 9;

        private readonly FatFile file;
        private readonly PageFill fill;
        private readonly TransferTable table;
        private bool isRunning, isAgain;

        public Job(FatFile file, PageTransfer transfer)
        {
            this.file = file;
            fill = new PageFill(file, transfer);
            table = new TransferTable((FatFileSystem)file.Owned, Run);
        }

        /// <summary>Goes on; called again when a page of the table has arrived.</summary>
        public void Run()
        {
            isAgain = true;
            if (isRunning)
                return;
            isRunning = true;
            Errno error = Errno.None;
            while (isAgain)
            {
                isAgain = false;
                error = Map();
            }

            isRunning = false;
            if (error != Errno.Wait)
                fill.Submit(error);
        }

        private Errno Map()
        {
            var fileSystem = (FatFileSystem)file.Owned;
            FatGeometry geometry = fileSystem.Geometry;
            while (fill.Position < fill.End)
            {
                Errno error = file.chain.Find(table, (uint)(fill.Position >> geometry.ClusterBits), out FatRun run, out bool isEnd);
                if (error != Errno.None || isEnd)
                    return error != Errno.None ? error : fileSystem.Complain("a file that is longer than its chain of clusters");
                long place = geometry.PlaceOf(run.Cluster) + (fill.Position - ((long)run.Index << geometry.ClusterBits));
                fill.Add(place >> SectorBits, ((long)run.End << geometry.ClusterBits) - fill.Position);
            }

            return Errno.None;
        }
    }
}
