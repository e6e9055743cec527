namespace Servers.Vfs.Blocks;

/// <summary>A whole disk, as its driver shows it.</summary>
public interface IDisk
{
    /// <summary>What it is.</summary>
    DiskTraits Traits { get; }

    /// <summary>Takes a request that lies within the disk; it completes once, before this returns or later, whatever becomes of the driver.</summary>
    void Submit(BlockRequest request);
}

/// <summary>What a disk says of itself.</summary>
/// <param name="Sectors">Length, in sectors of 512 bytes.</param>
/// <param name="LogicalBlock">Bytes of the smallest transfer: 512 or 4096.</param>
/// <param name="PhysicalBlock">Bytes of what it writes in one go, a multiple of that.</param>
/// <param name="IsReadOnly">Writes are refused.</param>
/// <param name="CanDiscard">It takes <see cref="BlockKind.Discard"/>.</param>
/// <param name="CanWriteZeroes">It takes <see cref="BlockKind.WriteZeroes"/>.</param>
/// <param name="HasWriteCache">Writes are safe after a flush only.</param>
/// <param name="Serial">What it is known as; may be empty.</param>
public sealed record DiskTraits(
    long Sectors, int LogicalBlock, int PhysicalBlock, bool IsReadOnly, bool CanDiscard, bool CanWriteZeroes, bool HasWriteCache, string Serial)
{
    /// <summary>Reaching sectors costs more the farther they are from the last ones; also of a disk that does not say.</summary>
    public bool IsRotational { get; init; } = true;

    /// <summary>Bytes of what it likes to transfer in one go; 0: it does not say.</summary>
    public int OptimalTransfer { get; init; }

    /// <summary>Most sectors of a <see cref="BlockKind.Discard"/>, and of a <see cref="BlockKind.WriteZeroes"/>.</summary>
    public long MostDiscard { get; init; } = BlockRequest.MostSectors;

    /// <inheritdoc cref="MostDiscard"/>
    public long MostZeroes { get; init; } = BlockRequest.MostSectors;

    /// <summary>Bytes of what it discards as a whole; 0: it does not say.</summary>
    public int DiscardGranularity { get; init; }

    /// <summary>Number of the namespace that it is, of NVMe; 0: it is none.</summary>
    public int Namespace { get; init; }
}
