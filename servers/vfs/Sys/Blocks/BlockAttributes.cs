using System.Globalization;
using Servers.Vfs.Blocks;

namespace Servers.Vfs.Sys.Blocks;

/// <summary>What files of a block device say, in the words of Linux' sysfs (Documentation/ABI/stable/sysfs-block).</summary>
internal static class BlockAttributes
{
    // As the page cache has it: 256 KiB a transfer, and 64 requests a driver.
    private const string MostTransfer = "256", MostSegments = "64", Requests = "64";

    /// <summary>Files of a disk and of a partition.</summary>
    public static readonly (string Name, Func<BlockDevice, string> Text)[] Common =
    [
        ("dev", static device => Text($"{DeviceNumber.Major(device.Number)}:{DeviceNumber.Minor(device.Number)}")),
        ("size", static device => Text($"{device.Sectors}")),
        ("ro", static device => device.IsReadOnly ? "1" : "0"),
        ("alignment_offset", static _ => "0"),
        ("discard_alignment", static _ => "0"),
        ("stat", static device => string.Join(' ', device.Statistics.Fields.Select(static field => Text($"{field,8}")))),
        ("inflight", static device => Text($"{0,8} {device.Statistics.InFlight,8}")),
        ("uevent", Event),
    ];

    /// <summary>Files of a disk.</summary>
    public static readonly (string Name, Func<BlockDevice, string> Text)[] OfDisk =
    [
        ("removable", static _ => "0"), ("hidden", static _ => "0"), ("capability", static _ => "0"),
        ("range", static device => Text($"{device.Kind.Numbers}")), ("ext_range", static _ => "256"),
        ("diskseq", static device => Text($"{device.Sequence}")), ("serial", static device => device.Traits.Serial),
        ("cache_type", static device => Cache(device)),
    ];

    /// <summary>Files of a partition.</summary>
    public static readonly (string Name, Func<BlockDevice, string> Text)[] OfPartition =
        [("start", static device => Text($"{device.FirstSector}")), ("partition", static device => Text($"{device.Partition}"))];

    /// <summary>Files of the directory `queue` of a disk.</summary>
    public static readonly (string Name, Func<BlockDevice, string> Text)[] OfQueue =
    [
        ("logical_block_size", static device => Text($"{device.Traits.LogicalBlock}")),
        ("hw_sector_size", static device => Text($"{device.Traits.LogicalBlock}")),
        ("physical_block_size", static device => Text($"{device.Traits.PhysicalBlock}")),
        ("minimum_io_size", static device => Text($"{device.Traits.PhysicalBlock}")),
        ("optimal_io_size", static device => Text($"{device.Traits.OptimalTransfer}")),
        ("rotational", static device => device.Traits.IsRotational ? "1" : "0"),
        ("read_ahead_kb", static device => Text($"{device.ReadAhead / 2}")), ("nr_requests", static _ => Requests),
        ("max_sectors_kb", static _ => MostTransfer), ("max_hw_sectors_kb", static _ => MostTransfer), ("max_segments", static _ => MostSegments),
        ("discard_granularity", static device => Text($"{(device.Traits.CanDiscard ? device.Traits.DiscardGranularity : 0)}")),
        ("discard_max_bytes", static device => Discard(device.Traits)), ("discard_max_hw_bytes", static device => Discard(device.Traits)),
        ("discard_zeroes_data", static _ => "0"),
        ("write_zeroes_max_bytes", static device => Bytes(device.Traits.CanWriteZeroes ? device.Traits.MostZeroes : 0)),
        ("write_same_max_bytes", static _ => "0"), ("scheduler", static _ => "[none]"), ("add_random", static _ => "0"), ("nomerges", static _ => "2"),
        ("zoned", static _ => "none"), ("dax", static _ => "0"), ("fua", static _ => "0"), ("write_cache", static device => Cache(device)),
    ];

    private static string Cache(BlockDevice device) => device.Traits.HasWriteCache ? "write back" : "write through";

    private static string Discard(DiskTraits traits) => Bytes(traits.CanDiscard ? traits.MostDiscard : 0);

    private static string Bytes(long sectors) => Text($"{sectors * BlockRequest.SectorLength}");

    private static string Event(BlockDevice device)
    {
        string kind = device.Whole == null ? "disk" : "partition";
        string part = device.Whole == null ? "" : Text($"\nPARTN={device.Partition}");
        return Text($"MAJOR={DeviceNumber.Major(device.Number)}\nMINOR={DeviceNumber.Minor(device.Number)}\nDEVNAME={device.Name}\nDEVTYPE={kind}\n")
            + Text($"DISKSEQ={device.Sequence}{part}");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
