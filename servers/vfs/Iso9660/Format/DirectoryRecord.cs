using System.Buffers.Binary;

namespace Servers.Vfs.Iso9660;

/// <summary>A directory record, ECMA-119 9.1: a private copy, whose lengths have been checked.</summary>
/// <param name="bytes">All of it.</param>
/// <param name="block">Block in which it begins.</param>
/// <param name="offset">Where in it.</param>
internal sealed class DirectoryRecord(byte[] bytes, long block, int offset)
{
    /// <summary>Bytes before the name.</summary>
    public const int NameStart = 33;

    /// <summary>Bytes of the shortest one: with a name of one byte.</summary>
    public const int Shortest = 34;

    private const byte HiddenFlag = 1, DirectoryFlag = 2, AssociatedFlag = 4, MoreFlag = 0x80;

    /// <summary>Block in which it begins.</summary>
    public long Block => block;

    /// <summary>Where in it.</summary>
    public int Offset => offset;

    /// <summary>First block of what it stands for, behind an extended attribute record.</summary>
    public long Extent => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(2)) + (long)bytes[1];

    /// <summary>Bytes of it.</summary>
    public uint Length => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(10));

    /// <summary>When it was recorded: seven bytes.</summary>
    public ReadOnlySpan<byte> Time => bytes.AsSpan(18, IsoTime.ShortLength);

    /// <summary>A program need not be told of it.</summary>
    public bool IsHidden => (bytes[25] & HiddenFlag) != 0;

    /// <summary>It is one.</summary>
    public bool IsDirectory => (bytes[25] & DirectoryFlag) != 0;

    /// <summary>It belongs to another of its name.</summary>
    public bool IsAssociated => (bytes[25] & AssociatedFlag) != 0;

    /// <summary>The next record goes on with the same file.</summary>
    public bool HasMore => (bytes[25] & MoreFlag) != 0;

    /// <summary>The name as it lies there.</summary>
    public ReadOnlySpan<byte> Name => bytes.AsSpan(NameStart, bytes[32]);

    /// <summary>Of the directory itself, or of its parent.</summary>
    public bool IsSelfOrParent => bytes[32] == 1 && bytes[NameStart] <= 1;

    /// <summary>What others than ECMA-119 say of it: behind the name, which is padded to an even length.</summary>
    public ReadOnlySpan<byte> SystemUse => bytes.AsSpan(Math.Min(bytes.Length, NameStart + bytes[32] + (bytes[32] % 2 == 0 ? 1 : 0)));

    /// <summary>The bytes of a record are as long as they say, and have room for the name.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> bytes) => bytes.Length >= Shortest && bytes[32] > 0 && NameStart + bytes[32] <= bytes.Length;
}
