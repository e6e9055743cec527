using Servers.Vfs.Attributes;

namespace Servers.Vfs.Ext4;

/// <summary>An extended attribute as it lies on the disk, a private copy.</summary>
/// <param name="Index">What stands for the beginning of its name.</param>
/// <param name="Name">The rest of it.</param>
/// <param name="Value">Its value, if it lies with the entry.</param>
/// <param name="ValueInode">The inode whose bytes are the value (ea_inode); 0: <paramref name="Value"/> is.</param>
/// <param name="ValueLength">Bytes of the value, wherever it lies.</param>
internal sealed record StoredAttribute(byte Index, byte[] Name, byte[] Value, uint ValueInode, uint ValueLength)
{
    /// <summary>What lies behind the inode's own bytes where a file lies in its inode (inline_data): "system.data".</summary>
    public const byte SystemIndex = 7;

    private const byte UserIndex = 1, TrustedIndex = 4, SecurityIndex = 6;

    /// <summary>Bytes of an entry before its name.</summary>
    public const int EntryLength = 16;

    /// <summary>Names and values take multiples of so many bytes.</summary>
    public const int Alignment = 4;

    /// <summary>Bytes of its entry.</summary>
    public int NameRoom => Round(EntryLength + Name.Length);

    /// <summary>Bytes that its value takes beside the entry.</summary>
    public int ValueRoom => Round(Value.Length);

    /// <summary>The namespace; None: one that programs do not see here.</summary>
    public AttributeSpace Space => Index switch
    {
        UserIndex => AttributeSpace.User, TrustedIndex => AttributeSpace.Trusted, SecurityIndex => AttributeSpace.Security, _ => AttributeSpace.None,
    };

    /// <summary>What stands for a namespace.</summary>
    public static byte IndexOf(AttributeSpace space) => space switch
    {
        AttributeSpace.User => UserIndex, AttributeSpace.Trusted => TrustedIndex, _ => SecurityIndex,
    };

    public bool Is(byte index, ReadOnlySpan<byte> name) => Index == index && name.SequenceEqual(Name);

    /// <summary>The order in a block.</summary>
    public static int Compare(StoredAttribute left, StoredAttribute right)
    {
        int order = left.Index.CompareTo(right.Index);
        if (order == 0)
            order = left.Name.Length.CompareTo(right.Name.Length);
        return order != 0 ? order : left.Name.AsSpan().SequenceCompareTo(right.Name);
    }

    /// <summary>
    /// Hash of name and value in the entries of a block: five bits further for a byte of the name, sixteen for a word of the value. Who shares blocks finds
    /// equal ones by it, and e2fsck checks it.
    /// </summary>
    public uint Hash(ReadOnlySpan<byte> paddedValue)
    {
        uint hash = 0;
        foreach (byte letter in Name)
            hash = uint.RotateLeft(hash, 5) ^ letter;
        for (; paddedValue.Length >= sizeof(uint); paddedValue = paddedValue[sizeof(uint)..])
            hash = uint.RotateLeft(hash, 16) ^ System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(paddedValue);
        return hash;
    }

    private static int Round(int length) => (length + Alignment - 1) & -Alignment;
}
