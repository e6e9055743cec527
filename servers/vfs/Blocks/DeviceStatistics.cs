namespace Servers.Vfs.Blocks;

/// <summary>What has been asked of a device: Documentation/admin-guide/iostats.rst of Linux. Times are not counted.</summary>
public sealed class DeviceStatistics
{
    private readonly long[] requests = new long[Enum.GetValues<BlockKind>().Length], sectors = new long[Enum.GetValues<BlockKind>().Length];

    /// <summary>Requests that have not completed.</summary>
    public long InFlight { get; private set; }

    /// <summary>Requests that have completed.</summary>
    public long Requests(BlockKind kind) => requests[(int)kind];

    /// <summary>Their sectors.</summary>
    public long Sectors(BlockKind kind) => sectors[(int)kind];

    internal void Begin() => InFlight++;

    internal void End(BlockKind kind, long count)
    {
        InFlight--;
        requests[(int)kind]++;
        sectors[(int)kind] += count;
    }

    /// <summary>
    /// The fields of /sys/block/NAME/stat and /proc/diskstats: of reads, writes, then what is in flight and two times, discards, flushes; each requests, merged
    /// ones, sectors and milliseconds.
    /// </summary>
    public IEnumerable<long> Fields =>
    [
        .. Of(BlockKind.Read), .. Of(BlockKind.Write), InFlight, 0, 0, .. Of(BlockKind.Discard), Requests(BlockKind.Flush), 0,
    ];

    private IEnumerable<long> Of(BlockKind kind) => [Requests(kind), 0, Sectors(kind), 0];
}
