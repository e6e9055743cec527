using System.Buffers.Binary;
using System.Numerics;

namespace Servers.Vfs.Fat;

/// <summary>
/// The parameters of a volume, as the first sector has them ("FAT: General Overview of On-Disk Format", Microsoft 2000): a private copy, checked. Places are
/// bytes of the device.
/// </summary>
internal sealed class FatGeometry
{
    /// <summary>Bytes of the sector that are looked at.</summary>
    public const int Length = 512;

    /// <summary>Numbers below stand for no cluster.</summary>
    public const uint FirstCluster = 2;

    /// <summary>Bytes of a directory entry.</summary>
    public const int EntryLength = 32;

    // Above these a number stands for an end or for what is unusable.
    private const uint Most12 = 0xFF4, Most16 = 0xFFF4, Most32 = 0x0FFFFFF6;

    private FatGeometry()
    {
    }

    /// <summary>12, 16 or 32.</summary>
    public int Bits { get; private init; }

    /// <summary>Clusters have 1 &lt;&lt; so many bytes.</summary>
    public int ClusterBits { get; private init; }

    /// <summary>Bytes of a cluster.</summary>
    public int ClusterSize => 1 << ClusterBits;

    /// <summary>How many there are; the first has the number 2.</summary>
    public uint Clusters { get; private init; }

    /// <summary>Where the first table begins.</summary>
    public long TableStart { get; private init; }

    /// <summary>Where the root directory of FAT12 and FAT16 begins.</summary>
    public long RootStart { get; private init; }

    /// <summary>Bytes of it; 0 for FAT32.</summary>
    public int RootLength { get; private init; }

    /// <summary>First cluster of FAT32's root directory.</summary>
    public uint RootCluster { get; private init; }

    /// <summary>Where the first cluster lies.</summary>
    public long DataStart { get; private init; }

    /// <summary>A number that a cluster has.</summary>
    public bool IsCluster(uint number) => number >= FirstCluster && number - FirstCluster < Clusters;

    /// <summary>Where a cluster lies.</summary>
    public long PlaceOf(uint cluster) => DataStart + ((long)(cluster - FirstCluster) << ClusterBits);

    /// <summary>A number in the table that says that there is no next one, or, as on Linux, that it cannot be used.</summary>
    public bool IsEnd(uint number) => number >= (Bits switch { 12 => 0xFF7u, 16 => 0xFFF7u, _ => 0x0FFFFFF7u });

    /// <summary>Takes the sector apart; null with a reason if it cannot be mounted.</summary>
    public static FatGeometry? Read(ReadOnlySpan<byte> sector, out string why)
    {
        uint bytesPerSector = Half(sector, 11), sectorsPerCluster = sector[13], reserved = Half(sector, 14), tables = sector[16], entries = Half(sector, 17);
        uint total = Half(sector, 19) != 0 ? Half(sector, 19) : Word(sector, 32), tableSectors = Half(sector, 22), long32 = Word(sector, 36);
        bool is32 = tableSectors == 0 && long32 != 0;
        if (is32)
            tableSectors = long32;
        why = (reserved, tables, sector[21]) switch
        {
            (0, _, _) => "no reserved sectors",
            (_, 0, _) => "no tables",
            (_, _, not (0xF0 or >= 0xF8)) => "an unknown medium",
            _ when !BitOperations.IsPow2(bytesPerSector) || bytesPerSector is < 512 or > 4096 => $"sectors of {bytesPerSector} bytes",
            _ when !BitOperations.IsPow2(sectorsPerCluster) => $"clusters of {sectorsPerCluster} sectors",
            _ when tableSectors == 0 => "tables without sectors",
            _ when entries % (bytesPerSector / EntryLength) != 0 => "a root directory that ends within a sector",
            _ => "",
        };
        if (why.Length > 0)
            return null;
        long rootSector = reserved + (long)tables * tableSectors, dataSector = rootSector + entries / (bytesPerSector / EntryLength);
        long clusters = total > dataSector ? (total - dataSector) / sectorsPerCluster : 0;
        int bits = is32 ? 32 : clusters > Most12 ? 16 : 12;
        // A table that has no room for all of them says how many there are.
        clusters = Math.Min(clusters, (long)tableSectors * bytesPerSector * 8 / bits - FirstCluster);
        if (clusters > (bits switch { 12 => Most12, 16 => Most16, _ => Most32 }))
            why = $"{clusters} clusters";
        if (total <= dataSector)
            why = "no room behind the tables";
        return why.Length > 0 ? null : new FatGeometry
        {
            Bits = bits, ClusterBits = BitOperations.Log2(bytesPerSector * sectorsPerCluster), Clusters = (uint)Math.Max(clusters, 0),
            TableStart = (long)reserved * bytesPerSector, RootStart = rootSector * bytesPerSector, RootLength = is32 ? 0 : (int)entries * EntryLength,
            RootCluster = is32 ? Word(sector, 44) : 0, DataStart = dataSector * bytesPerSector,
        };
    }

    private static uint Half(ReadOnlySpan<byte> sector, int at) => BinaryPrimitives.ReadUInt16LittleEndian(sector[at..]);

    private static uint Word(ReadOnlySpan<byte> sector, int at) => BinaryPrimitives.ReadUInt32LittleEndian(sector[at..]);
}
