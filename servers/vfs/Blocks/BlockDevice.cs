using Servers.Vfs.Objects;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Blocks;

/// <summary>
/// What the number of a block device stands for: a disk or a part of one. File systems submit requests, within it; who opens its node reads and writes through
/// pages of its own (<see cref="Content"/>), as on Linux.
/// </summary>
public sealed class BlockDevice : IPageStore
{
    private readonly IDisk disk;
    private readonly long firstSector;
    private readonly Stack<PageRequest> idle = [];
    private FileSystem? owner;
    private bool isHeld;
    private int takenParts;

    /// <summary>A range of a disk's sectors.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="name">Name in /dev.</param>
    /// <param name="number">Device number.</param>
    /// <param name="firstSector">Where it begins.</param>
    /// <param name="sectors">How long it is.</param>
    /// <param name="cache">Has its pages.</param>
    public BlockDevice(IDisk disk, string name, uint number, long firstSector, long sectors, PageCache cache)
    {
        (this.disk, Name, Number, this.firstSector, Sectors) = (disk, name, number, firstSector, sectors);
        Content = new CachedFile(cache, this, sectors * BlockRequest.SectorLength);
        Flush = new DeviceFlush(this);
    }

    /// <summary>Name in /dev.</summary>
    public string Name { get; }

    /// <summary>Device number, as st_rdev has it.</summary>
    public uint Number { get; }

    /// <summary>Length in sectors of 512 bytes.</summary>
    public long Sectors { get; private set; }

    /// <summary>Where it begins on its disk; 0 for a whole one.</summary>
    public long FirstSector => firstSector;

    /// <summary>Its disk.</summary>
    public IDisk Disk => disk;

    /// <summary>What the disk says of itself.</summary>
    public DiskTraits Traits => disk.Traits;

    /// <summary>Its bytes in memory, as far as they are there. A file system's own pages are its files' and not these.</summary>
    public CachedFile Content { get; }

    /// <summary>The disk that it is a part of; null: it is a whole one.</summary>
    public BlockDevice? Whole { get; init; }

    /// <summary>Number of a partition; 0 of a whole disk.</summary>
    public int Partition { get; init; }

    /// <summary>The directory that has its own, or its disk's, from /sys/devices on.</summary>
    public string Place { get; init; } = "";

    /// <summary>What it, or its disk, has in common with others of the driver.</summary>
    public DiskKind Kind { get; init; } = DiskKind.Virtio;

    /// <summary>Counts disks in the order in which they appeared.</summary>
    public int Sequence { get; init; }

    /// <summary>Open descriptions.</summary>
    public int Users { get; internal set; }

    /// <summary>What has been asked of it.</summary>
    public DeviceStatistics Statistics { get; } = new();

    /// <summary>Number of its namespace, of a disk that has such; 0 of others.</summary>
    public int Namespace => disk.Traits.Namespace;

    /// <summary>Whoever shows its partitions; null: it is one.</summary>
    public IDiskParts? Parts { get; set; }

    /// <summary>It is not to be written, until somebody says otherwise (BLKROSET).</summary>
    public bool IsLocked { get; set; }

    /// <summary>Programs cannot write it.</summary>
    public bool IsReadOnly => Traits.IsReadOnly || IsLocked || Whole is { IsLocked: true };

    /// <summary>Sectors that are to be read ahead, BLKRASET: kept and told, and no more; 128 KiB as the page cache has it.</summary>
    public ulong ReadAhead { get; set; } = 256;

    /// <summary>Makes what was written safe.</summary>
    public DeviceFlush Flush { get; }

    /// <summary>File system that has it, whose writes nobody else may mix with; null: none.</summary>
    public FileSystem? Owner
    {
        get => owner;
        set => Take(() => owner = value);
    }

    /// <summary>A description has it for itself, O_EXCL of open(2).</summary>
    public bool IsHeld
    {
        get => isHeld;
        set => Take(() => isHeld = value);
    }

    /// <summary>Neither it nor a part of it nor the disk that it is a part of is a file system's, or somebody's for himself.</summary>
    public bool MayBeHeld => !IsTaken && takenParts == 0 && Whole is not { IsTaken: true };

    private bool IsTaken => owner != null || isHeld;

    /// <summary>What <see cref="Resize"/> needs; waits.</summary>
    public Errno PrepareResize(OperationContext context, long sectors) => Content.PrepareTruncate(context, sectors * BlockRequest.SectorLength);

    /// <summary>It ends elsewhere from now on. Whoever has it open sees that.</summary>
    public Errno Resize(long sectors)
    {
        Errno error = Content.Truncate(sectors * BlockRequest.SectorLength);
        if (error == Errno.None)
            Sectors = sectors;
        return error;
    }

    /// <summary>Submits a request in the device's own sectors. What does not lie within it, or is written to a disk that cannot be, is EIO.</summary>
    public void Submit(BlockRequest request)
    {
        bool isInside = request.Sector >= 0 && request.Sectors >= 0 && request.Sector <= Sectors && request.Sectors <= Sectors - request.Sector;
        bool isAllowed = request.Kind is BlockKind.Read or BlockKind.Flush || !Traits.IsReadOnly;
        request.Start(firstSector, Statistics);
        if (isInside && isAllowed)
            disk.Submit(request);
        else
            request.Complete(Errno.EIO);
    }

    /// <summary>
    /// What was written to its node when the request first asked is safe, or waits for that. Errors of pages are told to who has it open
    /// (<see cref="CachedFile.WriteErrors"/>).
    /// </summary>
    public Errno Sync(OperationContext context)
    {
        Errno error = Content.Sync(context);
        return error == Errno.None ? Flush.Await(context) : error;
    }

    void IPageStore.BeginRead(PageTransfer transfer) => Begin(transfer, BlockKind.Read);

    void IPageStore.BeginWrite(PageTransfer transfer) => Begin(transfer, BlockKind.Write);

    Errno IPageStore.Sync(OperationContext context) => Content.Sync(context);

    void IPageStore.WrittenByMapping()
    {
        // The times are those of the node.
    }

    void IPageStore.Unused()
    {
        // It lives as long as its disk.
    }

    private void Take(Action change)
    {
        bool was = IsTaken;
        change();
        if (Whole != null)
            Whole.takenParts += (IsTaken ? 1 : 0) - (was ? 1 : 0);
    }

    private void Begin(PageTransfer transfer, BlockKind kind)
    {
        if (!idle.TryPop(out PageRequest? request))
            request = new PageRequest(this);
        request.Begin(transfer, kind);
    }

    /// <summary>A transfer of pages on its way.</summary>
    private sealed class PageRequest
    {
        private readonly BlockDevice device;
        private readonly BlockRequest request;
        private PageTransfer? transfer;

        public PageRequest(BlockDevice device)
        {
            this.device = device;
            request = new BlockRequest { Completed = End };
        }

        public void Begin(PageTransfer pages, BlockKind kind)
        {
            const int perPage = CachedFile.PageSize / BlockRequest.SectorLength;
            transfer = pages;
            long sector = pages.Page * perPage;
            request.Begin(kind, sector);
            for (int number = 0; number < pages.Count; number++, sector += perPage)
            {
                // The last page of a device may be a part of one; what lies behind reads as zero.
                long rest = Math.Min(device.Sectors - sector, perPage);
                if (rest < perPage && kind == BlockKind.Read)
                    pages.Bytes.Slice(number * CachedFile.PageSize, CachedFile.PageSize).Clear();
                if (rest > 0)
                    request.TryAdd(new BlockSegment(pages.Slot + number, 0, (int)rest * BlockRequest.SectorLength));
            }

            device.Submit(request);
        }

        private void End(BlockRequest ended, Errno error)
        {
            PageTransfer pages = transfer!;
            transfer = null;
            device.idle.Push(this);
            pages.Complete(error);
        }
    }
}
