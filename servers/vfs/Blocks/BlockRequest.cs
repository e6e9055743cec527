namespace Servers.Vfs.Blocks;

/// <summary>What is asked of a disk.</summary>
public enum BlockKind
{
    /// <summary>Sectors to memory.</summary>
    Read,

    /// <summary>Memory to sectors. Safe from a loss of power after the next <see cref="Flush"/> only.</summary>
    Write,

    /// <summary>What was completed before it began is safe when it completes.</summary>
    Flush,

    /// <summary>The sectors' bytes are not needed any more; what a read gives afterwards is the disk's matter. A disk that cannot do it completes it.</summary>
    Discard,

    /// <summary>The sectors read as zero afterwards.</summary>
    WriteZeroes,
}

/// <summary>Bytes within one page of the arena.</summary>
/// <param name="Slot">The page.</param>
/// <param name="Offset">First byte in it.</param>
/// <param name="Length">Bytes, up to the end of the page. Offset and length are multiples of the disk's logical block.</param>
public readonly record struct BlockSegment(int Slot, int Offset, int Length);

/// <summary>
/// A request to a disk: neighbouring sectors, and the memory that they come from or go to, which is used for nothing else until it completes. Its owner makes
/// it once and uses it again: requests in flight allocate nothing.
/// </summary>
public sealed class BlockRequest
{
    /// <summary>Bytes of a sector, whatever the disk's logical block is.</summary>
    public const int SectorLength = 512;

    /// <summary>Most segments of a request.</summary>
    public const int MostSegments = 64;

    /// <summary>Most sectors of a <see cref="BlockKind.Discard"/> or <see cref="BlockKind.WriteZeroes"/>: 1 GiB.</summary>
    public const long MostSectors = 1 << 21;

    private readonly List<BlockSegment> segments = new(MostSegments);
    private DeviceStatistics? statistics;

    /// <summary>What is asked.</summary>
    public BlockKind Kind { get; private set; }

    /// <summary>First sector; of the device that it is submitted to.</summary>
    public long Sector { get; private set; }

    /// <summary>Number of sectors; 0 for a flush.</summary>
    public long Sectors { get; private set; }

    /// <summary>Memory, in the order of the sectors; none for what moves no bytes.</summary>
    public IReadOnlyList<BlockSegment> Segments => segments;

    /// <summary>It is on its way.</summary>
    public bool IsInFlight { get; private set; }

    /// <summary>Called once for each time that it is submitted, at once or later. EIO: the bytes in memory, or on the disk, are anything.</summary>
    public Action<BlockRequest, Errno>? Completed { get; set; }

    /// <summary>Begins a transfer; segments follow.</summary>
    public void Begin(BlockKind kind, long sector)
    {
        CheckIdle();
        segments.Clear();
        (Kind, Sector, Sectors) = (kind, sector, 0);
    }

    /// <summary>Begins what moves no bytes.</summary>
    public void Begin(BlockKind kind, long sector, long sectors)
    {
        Begin(kind, sector);
        Sectors = sectors;
    }

    /// <summary>Adds memory; false: it has as much as it can.</summary>
    public bool TryAdd(BlockSegment segment)
    {
        if (segments.Count == MostSegments)
            return false;
        segments.Add(segment);
        Sectors += segment.Length / SectorLength;
        return true;
    }

    /// <summary>Adds a run of whole pages, or as many as it can take: their number.</summary>
    public int Add(int slot, int pages)
    {
        int count = Math.Min(pages, MostSegments - segments.Count);
        for (int page = 0; page < count; page++)
            TryAdd(new BlockSegment(slot + page, 0, Pages.CachedFile.PageSize));
        return count;
    }

    /// <summary>For the device: it is on its way, from there.</summary>
    internal void Start(long firstSector, DeviceStatistics counted)
    {
        CheckIdle();
        Sector += firstSector;
        IsInFlight = true;
        statistics = counted;
        counted.Begin();
    }

    /// <summary>For the disk: it has ended.</summary>
    /// <exception cref="InvalidOperationException">It had.</exception>
    public void Complete(Errno error)
    {
        if (!IsInFlight)
            throw new InvalidOperationException("block request: ended twice");
        IsInFlight = false;
        statistics!.End(Kind, Sectors);
        Completed?.Invoke(this, error);
    }

    private void CheckIdle()
    {
        if (IsInFlight)
            throw new InvalidOperationException("block request: in flight");
    }
}
