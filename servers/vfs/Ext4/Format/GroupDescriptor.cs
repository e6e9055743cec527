using System.Buffers.Binary;

namespace Servers.Vfs.Ext4;

/// <summary>A group descriptor, as it lies on the disk: 32 bytes, or 64 and more with the feature 64bit.</summary>
internal readonly struct GroupDescriptor(byte[] bytes)
{
    private const int ChecksumOffset = 0x1E, ShortLength = 32;

    public byte[] Bytes => bytes;

    public long BlockMap => Wide(0, 0x20);

    public long InodeMap => Wide(4, 0x24);

    public long InodeTable => Wide(8, 0x28);

    public ushort Checksum => Half(ChecksumOffset);

    /// <summary>What its checksum should be; null: there is none.</summary>
    public ushort? ChecksumFor(SuperBlock super, uint group)
    {
        Span<byte> number = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(number, group);
        ReadOnlySpan<byte> before = bytes.AsSpan(0, ChecksumOffset), after = bytes.AsSpan(ChecksumOffset + sizeof(ushort));
        if (super.HasMetadataChecksums)
        {
            uint sum = Checksums.Castagnoli(Checksums.Castagnoli(super.ChecksumSeed, number), before);
            return (ushort)Checksums.Castagnoli(Checksums.Castagnoli(sum, [0, 0]), after);
        }

        if (!super.Has(ReadOnlyFeatures.GroupChecksums))
            return null;
        ushort old = Checksums.Ansi(Checksums.Ansi(Checksums.Ansi(ushort.MaxValue, super.Uuid), number), before);
        return bytes.Length > ShortLength ? Checksums.Ansi(old, after) : old;
    }

    /// <summary>Sets its checksum.</summary>
    public void Seal(SuperBlock super, uint group)
    {
        if (ChecksumFor(super, group) is { } sum)
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(ChecksumOffset), sum);
    }

    private ushort Half(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(offset));

    private long Wide(int low, int high) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(low))
        | (bytes.Length > ShortLength ? (long)BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(high)) << 32 : 0);
}
