using System.Buffers.Binary;
using System.Numerics;
using Libsys.Messages;
using Servers.Drivers.Nvme.Controller;

namespace Servers.Drivers.Nvme.Disks;

/// <summary>What a controller says of itself: NVMe 1.4 §5.15.2.2, figure 247.</summary>
internal sealed class ControllerIdentity
{
    private const int SerialAt = 4, MostDataAt = 77, CommandsAt = 520, AtomicAt = 528, CacheAt = 525;
    private const int HasDatasetManagement = 1 << 2, HasWriteZeroes = 1 << 3, HasVolatileCache = 1;

    // Blocks whose number is one less in 16 bits.
    private const ulong MostBlocks = 1 << 16;

    private readonly byte[] serial;
    private readonly int commands, cache;
    private ulong zeroBytes = ulong.MaxValue;

    /// <summary>Reads the structure.</summary>
    public ControllerIdentity(ReadOnlySpan<byte> bytes)
    {
        serial = bytes.Slice(SerialAt, BlockLimits.SerialLength).ToArray();
        commands = BinaryPrimitives.ReadUInt16LittleEndian(bytes[CommandsAt..]);
        cache = bytes[CacheAt];
        AtomicBlocks = BinaryPrimitives.ReadUInt16LittleEndian(bytes[AtomicAt..]) + 1u;
        // In pages of the smallest length, as a power of two; 0: no bound, and far above what requests are none either.
        int exponent = bytes[MostDataAt];
        MostBytes = exponent is 0 or > 20 ? ulong.MaxValue : (ulong)NvmeController.PageLength << exponent;
    }

    /// <summary>Serial number: ASCII, padded with blanks.</summary>
    public ReadOnlySpan<byte> Serial => serial;

    /// <summary>Blocks that are written whole or not at all when the power fails: AWUPF.</summary>
    public uint AtomicBlocks { get; }

    /// <summary>Most bytes of a command that moves some: MDTS.</summary>
    public ulong MostBytes { get; }

    /// <summary>What it can do: ONCS, VWC.</summary>
    public DiskFlags Flags => ((commands & HasDatasetManagement) != 0 ? DiskFlags.Discard : 0)
        | ((commands & HasWriteZeroes) != 0 ? DiskFlags.WriteZeroes : 0) | ((cache & HasVolatileCache) != 0 ? DiskFlags.WriteCache : 0);

    /// <summary>Most blocks of a discard: DMRSL.</summary>
    public ulong MostDiscard { get; private set; } = uint.MaxValue;

    /// <summary>Reads what the controller says of what moves no bytes: NVM command set 1.0 §4.1.5.4, figure 101.</summary>
    public void Bound(ReadOnlySpan<byte> bytes)
    {
        const int mostZeroesAt = 1, mostDiscardAt = 4;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[mostDiscardAt..]) is var blocks and > 0)
            MostDiscard = blocks;
        // As MDTS.
        int exponent = bytes[mostZeroesAt];
        zeroBytes = exponent is 0 or > 20 ? ulong.MaxValue : (ulong)NvmeController.PageLength << exponent;
    }

    /// <summary>Most blocks of a write of zeroes, of a length in bytes: WZSL, or what its field holds.</summary>
    public ulong MostZeroes(uint block) => Math.Min(zeroBytes / block, MostBlocks);

    /// <summary>Most blocks of a command that moves bytes, of a length in bytes.</summary>
    public ulong MostBlocksOf(uint block) => Math.Min(MostBytes / block, MostBlocks);
}

/// <summary>What a controller says of a namespace: NVMe 1.4 §5.15.2.1, figure 245.</summary>
internal sealed class NamespaceIdentity
{
    private const int FeaturesAt = 24, FormatAt = 26, AttributesAt = 99, GranularityAt = 64, OptimalAt = 72, FormatsAt = 128, FormatLength = 4, FormatMask = 15;
    private const int HasPreferences = 1 << 4, IsProtected = 1, BlockExponentAt = 2;

    /// <summary>Reads the structure.</summary>
    /// <exception cref="NvmeException">It is a namespace that this driver cannot use, or none.</exception>
    public NamespaceIdentity(ReadOnlySpan<byte> bytes, uint atomicBlocks)
    {
        int format = FormatsAt + (bytes[FormatAt] & FormatMask) * FormatLength;
        int exponent = bytes[format + BlockExponentAt];
        if (BinaryPrimitives.ReadUInt16LittleEndian(bytes[format..]) != 0 || exponent is not (9 or 12))
            throw new NvmeException($"a namespace of blocks of 2^{exponent} bytes with {BinaryPrimitives.ReadUInt16LittleEndian(bytes[format..])} of metadata");
        LogicalBlock = 1u << exponent;
        ulong blocks = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        if (blocks == 0 || blocks > (ulong)long.MaxValue / LogicalBlock)
            throw new NvmeException($"a namespace of {blocks} blocks");
        Sectors = blocks * (LogicalBlock / BlockLimits.SectorLength);
        IsReadOnly = (bytes[AttributesAt] & IsProtected) != 0;
        // What it likes to be written in one go, if that cannot tear either.
        bool hasPreferences = (bytes[FeaturesAt] & HasPreferences) != 0;
        uint granularity = hasPreferences ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[GranularityAt..]) + 1u : 1;
        uint whole = Math.Min(granularity, atomicBlocks);
        PhysicalBlock = LogicalBlock * (BitOperations.IsPow2(whole) ? whole : 1);
        OptimalTransfer = hasPreferences ? (BinaryPrimitives.ReadUInt16LittleEndian(bytes[OptimalAt..]) + 1u) * LogicalBlock : 0;
    }

    /// <summary>Length in sectors.</summary>
    public ulong Sectors { get; }

    /// <summary>Bytes of a block: 512 or 4,096.</summary>
    public uint LogicalBlock { get; }

    /// <summary>Bytes of what it writes in one go.</summary>
    public uint PhysicalBlock { get; }

    /// <summary>Bytes of what it likes to be written in one go, NOWS; 0: it does not say.</summary>
    public uint OptimalTransfer { get; }

    /// <summary>It cannot be written.</summary>
    public bool IsReadOnly { get; }
}
