using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Servers.Vfs.Files;

/// <summary>Writes linux_dirent64 records, getdents64(2), into a client's buffer.</summary>
/// <remarks>
/// A record is written word by word, each of them once: the third one has length, type and the first bytes of the name, and those that follow have the rest of
/// the name and zeros. What a function for copying and one for clearing cost for a few bytes is more than that.
/// </remarks>
public ref struct DirectoryRecords
{
    private const int Word = sizeof(ulong), WordBits = 8 * Word;

    // Bytes of a record before the name: two words, then length and type.
    private const int HeaderLength = 19, TypeShift = 16, NameShift = 24;

    // Bytes of the name in the third word.
    private const int FirstBytes = 3 * Word - HeaderLength;

    private readonly int capacity;
    private Span<byte> rest;

    /// <summary>Starts at the beginning of <paramref name="buffer"/>.</summary>
    public DirectoryRecords(Span<byte> buffer)
    {
        capacity = buffer.Length;
        rest = buffer;
    }

    /// <summary>Bytes written.</summary>
    public readonly int Length => capacity - rest.Length;

    /// <summary>Adds a record; false if it does not fit. <paramref name="next"/> is the offset that continues after it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // so that the loop over a directory's names keeps all of this in registers
    public bool TryAdd(ulong inode, long next, byte type, ReadOnlySpan<byte> name)
    {
        int length = (HeaderLength + name.Length + 1 + Word - 1) & -Word;
        if ((uint)length > (uint)rest.Length)
            return false;
        ulong start = FirstWord(name);
        // One check for all three words.
        Span<byte> words = rest[..(3 * Word)];
        BinaryPrimitives.WriteUInt64LittleEndian(words, inode);
        BinaryPrimitives.WriteInt64LittleEndian(words[Word..], next);
        BinaryPrimitives.WriteUInt64LittleEndian(words[(2 * Word)..], (uint)length | (ulong)type << TypeShift | start << NameShift);
        if (name.Length >= FirstBytes)
            WriteRest(rest[(3 * Word)..length], start >> (WordBits - NameShift), name);
        rest = rest[length..];
        return true;
    }

    // What does not lie in the third word, and zeros: at least one.
    private static void WriteRest(Span<byte> to, ulong only, ReadOnlySpan<byte> name)
    {
        if (name.Length <= Word)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(to, only);
            return;
        }

        ReadOnlySpan<byte> left = name[FirstBytes..];
        for (; left.Length >= Word; left = left[Word..], to = to[Word..])
            BinaryPrimitives.WriteUInt64LittleEndian(to, BinaryPrimitives.ReadUInt64LittleEndian(left));
        // The name's last word without what is written already; in two steps, since none may be left of it.
        BinaryPrimitives.WriteUInt64LittleEndian(to, BinaryPrimitives.ReadUInt64LittleEndian(name[^Word..]) >> (Word - 1 - left.Length) * 8 >> 8);
    }

    // The first bytes of a name, filled up with zeros.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong FirstWord(ReadOnlySpan<byte> name)
    {
        if (name.Length >= Word)
            return BinaryPrimitives.ReadUInt64LittleEndian(name);
        int last = name.Length - 1;
        if (name.Length >= sizeof(uint))
        {
            return BinaryPrimitives.ReadUInt32LittleEndian(name)
                | (ulong)BinaryPrimitives.ReadUInt32LittleEndian(name[^sizeof(uint)..]) << (name.Length - sizeof(uint)) * 8;
        }

        // The middle one is the first or the last where there are fewer.
        return name.IsEmpty ? 0 : name[0] | (ulong)name[name.Length >> 1] << (name.Length >> 1) * 8 | (ulong)name[last] << last * 8;
    }
}
