namespace Servers.Drivers.VirtioBlk.Disks;

/// <summary>Numbers of virtio 1.2 §5.2.</summary>
internal static class BlockLayout
{
    /// <summary>Feature bits, §5.2.3.</summary>
    public const ulong SegmentMaximum = 1ul << 2, ReadOnly = 1ul << 5, BlockSize = 1ul << 6, Flush = 1ul << 9, Topology = 1ul << 10, SeveralQueues = 1ul << 12,
        Discard = 1ul << 13, WriteZeroes = 1ul << 14;

    /// <summary>
    /// Configuration, §5.2.4: capacity in sectors, most segments, bytes of a block, logarithm of blocks in a physical one, blocks of
    /// the best transfer, queues, and limits of ranges.
    /// </summary>
    public const int Capacity = 0, MostSegments = 12, BlockLength = 20, PhysicalExponent = 24, OptimalBlocks = 28, QueueCount = 34, MostDiscardSectors = 36,
        DiscardAlignment = 44, MostZeroSectors = 48, ConfigurationLength = 60;

    /// <summary>Request types, §5.2.6.</summary>
    public const uint In = 0, Out = 1, FlushRequest = 4, GetId = 8, DiscardRequest = 11, ZeroesRequest = 13;

    /// <summary>Request header: type, reserved, sector.</summary>
    public const int HeaderLength = 16, HeaderSector = 8;

    /// <summary>What a discard or a write of zeroes carries: sector, number of sectors, flags.</summary>
    public const int RangeLength = 16, RangeSectors = 8, RangeFlags = 12;

    /// <summary>Status: done; the disk cannot do it.</summary>
    public const byte Ok = 0, Unsupported = 2;

    /// <summary>No status yet: not one that a device writes.</summary>
    public const byte NoStatus = 0xFF;
}
