using System.Buffers.Binary;

namespace Servers.Vfs.Ext4;

/// <summary>Features of a journal: s_feature_incompat of its superblock.</summary>
[Flags]
internal enum JournalFeatures : uint
{
    None = 0,
    Revokes = 1,
    Is64Bit = 2,
    AsyncCommit = 4,
    ChecksumsV2 = 8,
    ChecksumsV3 = 0x10,

    /// <summary>All that is understood. The other one is fast commits (0x20).</summary>
    Known = Revokes | Is64Bit | AsyncCommit | ChecksumsV2 | ChecksumsV3,
}

/// <summary>
/// The first block of a journal, a private copy. Numbers have the highest byte first. Layout: the Linux kernel's documentation, "Journal (jbd2)".
/// </summary>
internal sealed class JournalSuperBlock(byte[] bytes)
{
    public const int Length = 1024;

    private const uint FirstVersion = 3, SecondVersion = 4;
    private const int ChecksumOffset = 0xFC;
    private const byte Castagnoli = 4;

    public byte[] Bytes => bytes;

    public uint BlockSize => Word(0xC);

    /// <summary>Blocks of the journal, this one included.</summary>
    public uint Blocks => Word(0x10);

    /// <summary>First block of the log.</summary>
    public uint First => Word(0x14);

    /// <summary>Number of the first transaction of the log, or of the next one.</summary>
    public uint Sequence
    {
        get => Word(0x18);
        set => SetWord(0x18, value);
    }

    /// <summary>Where it begins; 0: the log is empty.</summary>
    public uint Start
    {
        get => Word(0x1C);
        set => SetWord(0x1C, value);
    }

    public JournalFeatures Features => IsFirstVersion ? 0 : (JournalFeatures)Word(0x28);

    /// <summary>Version 1 of checksums: one for a whole transaction, in its commit block.</summary>
    public bool HasWholeChecksums => !IsFirstVersion && (Word(0x24) & 1) != 0;

    public bool HasBlockChecksums => (Features & (JournalFeatures.ChecksumsV2 | JournalFeatures.ChecksumsV3)) != 0;

    /// <summary>What sums of its blocks begin with.</summary>
    public uint Seed => Checksums.Castagnoli(Checksums.Start, bytes.AsSpan(0x30, 16));

    private bool IsFirstVersion => Word(4) == FirstVersion;

    /// <summary>None, or why this is no journal that can be used.</summary>
    public Errno Check(int blockSize, long blocks, out string why)
    {
        why = "";
        if (Word(0) != JournalBlock.Magic || Word(4) is not (FirstVersion or SecondVersion))
            why = "there is no journal in its inode";
        else if (!IsFirstVersion && ((Features & ~JournalFeatures.Known) != 0 || Word(0x2C) != 0))
            why = "the journal has unsupported features";
        else if (BlockSize != blockSize || Blocks < 2 || Blocks > blocks || First == 0 || First >= Blocks || Start >= Blocks || (Start != 0 && Start < First))
            why = "the journal's length is wrong";
        else if (HasBlockChecksums && (bytes[0x50] != Castagnoli || Word(ChecksumOffset) != Sum()))
            why = "the journal's checksum is wrong";
        return why.Length == 0 ? Errno.None : Errno.EUCLEAN;
    }

    public void Seal()
    {
        if (HasBlockChecksums)
            SetWord(ChecksumOffset, Sum());
    }

    private uint Sum()
    {
        uint sum = Checksums.Castagnoli(Checksums.Start, bytes.AsSpan(0, ChecksumOffset));
        sum = Checksums.Castagnoli(sum, 0u);
        return Checksums.Castagnoli(sum, bytes.AsSpan(ChecksumOffset + sizeof(uint), Length - ChecksumOffset - sizeof(uint)));
    }

    private uint Word(int offset) => BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(offset));

    private void SetWord(int offset, uint value) => BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(offset), value);
}
