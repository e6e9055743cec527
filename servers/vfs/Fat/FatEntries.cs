using System.Text;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Fat;

/// <summary>A file's entry in a directory.</summary>
/// <param name="Bytes">The entry: a private copy.</param>
/// <param name="Place">Where it lies on the device.</param>
/// <param name="Next">Position in the directory behind it.</param>
/// <param name="LongName">Its long name; null: it has none.</param>
internal sealed record FatEntry(byte[] Bytes, long Place, int Next, string? LongName)
{
    /// <summary>What it says.</summary>
    public FatRecord Record => new(Bytes);

    /// <summary>st_ino: entries lie at multiples of their length.</summary>
    public ulong Number => (ulong)(Place / FatGeometry.EntryLength) + FatFileSystem.RootNumber;
}

/// <summary>Walks through the entries of a directory.</summary>
internal sealed class FatEntries(OperationContext context, FatContent content)
{
    private const int PieceLength = 1 << 14, MostParts = 20, LongestName = 255;

    private readonly byte[] piece = new byte[PieceLength];
    private readonly char[] name = new char[MostParts * FatRecord.PartLength];
    private int pieceStart, pieceLength;
    private long piecePlace;

    /// <summary>Where it is in the directory.</summary>
    public int Position { get; set; }

    /// <summary>The next file; null: there is none. Volumes' names, free entries and parts that belong to nothing are passed over.</summary>
    public Errno Next(out FatEntry? entry)
    {
        entry = null;
        int partsLeft = 0, parts = 0;
        byte checksum = 0;
        while (Position < content.Length)
        {
            if (Position < pieceStart || Position >= pieceStart + pieceLength)
            {
                Errno error = content.Read(context, Position, piece, out pieceLength, out piecePlace);
                if (error != Errno.None)
                    return error;
                pieceStart = Position;
            }

            ReadOnlySpan<byte> bytes = piece.AsSpan(Position - pieceStart, FatGeometry.EntryLength);
            var record = new FatRecord(bytes);
            if (record.IsEnd)
                return Errno.None;
            long place = piecePlace + Position - pieceStart;
            Position += FatGeometry.EntryLength;
            if (record.IsFree || (!record.IsPart && record.IsLabel))
            {
                parts = partsLeft = 0;
                continue;
            }

            if (!record.IsPart)
            {
                bool isNamed = parts > 0 && partsLeft == 0 && checksum == record.Checksum;
                entry = new FatEntry(bytes.ToArray(), place, Position, isNamed ? LongName(parts) : null);
                return Errno.None;
            }

            // The last part comes first.
            int number = record.Sequence & ~FatRecord.LastPart;
            if ((record.Sequence & FatRecord.LastPart) != 0)
                (parts, partsLeft, checksum) = (number, number, record.PartChecksum);
            if (number == 0 || number > MostParts || number != partsLeft || record.PartChecksum != checksum)
            {
                parts = partsLeft = 0;
                continue;
            }

            record.CopyPart(name.AsSpan(--partsLeft * FatRecord.PartLength, FatRecord.PartLength));
        }

        return Errno.None;
    }

    private string? LongName(int parts)
    {
        ReadOnlySpan<char> text = name.AsSpan(0, parts * FatRecord.PartLength);
        int end = text.IndexOf('\0');
        text = end < 0 ? text : text[..end];
        return text.Length is 0 or > LongestName ? null : new string(text);
    }
}

/// <summary>Names as programs see them.</summary>
internal static class FatNames
{
    private const int LongestName = 255;

    /// <summary>The name of an entry; empty: one that cannot be shown.</summary>
    public static byte[] Of(FatEntry entry, FatOptions options) =>
        entry.Record.IsSelfOrParent ? [] : Encode(entry.LongName ?? entry.Record.ShortName(options.Shown), options);

    /// <summary>Whether a name is one of the two of an entry. Dots at the end of a name do not count.</summary>
    public static bool IsNameOf(FatEntry entry, ReadOnlySpan<byte> name, FatOptions options)
    {
        if (entry.Record.IsSelfOrParent)
            return false;
        return AreSame(Encode(entry.Record.ShortName(options.Shown), options), name, options)
            || (entry.LongName != null && AreSame(Encode(entry.LongName, options), name, options));
    }

    private static bool AreSame(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other, FatOptions options)
    {
        one = one.TrimEnd((byte)'.');
        other = other.TrimEnd((byte)'.');
        return one.Length > 0 && (one.SequenceEqual(other) || (!options.IsStrict && Ascii.EqualsIgnoreCase(one, other)));
    }

    private static byte[] Encode(string text, FatOptions options)
    {
        byte[] name = options.IsUtf8 || options.Characters == "utf8" ? Encoding.UTF8.GetBytes(text)
            : options.Characters == "ascii" ? Encoding.ASCII.GetBytes(text) : Encoding.Latin1.GetBytes(text);
        bool isName = name.Length is > 0 and <= LongestName && !name.AsSpan().SequenceEqual("."u8) && !name.AsSpan().SequenceEqual(".."u8)
            && name.AsSpan().IndexOfAny((byte)'/', (byte)0) < 0;
        return isName ? name : [];
    }
}
