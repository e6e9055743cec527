using System.Buffers.Binary;
using Servers.Vfs.Objects;
using Servers.Vfs.Volumes;

namespace Servers.Vfs.Iso9660;

/// <summary>What the system use area of one directory record says by the Rock Ridge Interchange Protocol (RRIP 1.12) over SUSP 1.12.</summary>
internal sealed class RockRidge
{
    // A directory record has 255 bytes; more than so many areas that continue it are a circle, or made on purpose. As many as Linux follows.
    private const int MostAreas = 32;

    private const int LongestText = 4095, LongestName = 255;
    private const byte Continues = 1, Current = 2, Parent = 4, OfRoot = 8;

    private readonly List<byte> name = [];
    private bool hasName, isNameLong, endsInSlash = true;

    /// <summary>There is the mark by which the root directory says that the protocol is used.</summary>
    public bool HasMark { get; private set; }

    /// <summary>Bytes before the entries in each area but this one, SUSP 5.3.</summary>
    public int Skip { get; private set; }

    /// <summary>The name; null: there is none, and that of the record counts. Empty: one that cannot be shown.</summary>
    public byte[]? Name => !hasName ? null : isNameLong ? [] : [.. name];

    /// <summary>PX: mode, owner, group, names.</summary>
    public VolumeAttributes? Attributes { get; private set; }

    /// <summary>PN: number of a device node.</summary>
    public uint? Device { get; private set; }

    /// <summary>TF: nanoseconds since 1970.</summary>
    public long? AccessTime { get; private set; }

    /// <inheritdoc cref="AccessTime"/>
    public long? ModifyTime { get; private set; }

    /// <inheritdoc cref="AccessTime"/>
    public long? ChangeTime { get; private set; }

    /// <summary>SL: the text of a symbolic link.</summary>
    public List<byte>? LinkText { get; private set; }

    /// <summary>CL: block of the directory that stands elsewhere because it lies too deep for ECMA-119.</summary>
    public uint? ChildLink { get; private set; }

    /// <summary>RE: the directory is shown elsewhere.</summary>
    public bool IsRelocated { get; private set; }

    /// <summary>Reads the area of a record and those that continue it. EIO: it is damaged.</summary>
    public static Errno Read(OperationContext context, IsoFileSystem fileSystem, DirectoryRecord record, int skip, out RockRidge read)
    {
        read = new RockRidge();
        byte[] area = record.SystemUse[Math.Min(skip, record.SystemUse.Length)..].ToArray();
        for (int areas = 0; ; areas++)
        {
            if (!read.TryTake(area, out (uint Block, uint Offset, uint Length) next))
                return fileSystem.Complain($"block {record.Block}: a damaged entry of Rock Ridge");
            if (next.Length == 0)
                return Errno.None;
            // An area lies within a block, SUSP 5.1.
            if (areas == MostAreas || next.Offset > fileSystem.BlockSize || next.Length > fileSystem.BlockSize - next.Offset)
                return fileSystem.Complain($"block {record.Block}: a wrong continuation of Rock Ridge");
            area = new byte[next.Length];
            Errno error = fileSystem.Read(context, ((long)next.Block << fileSystem.BlockBits) + next.Offset, area);
            if (error != Errno.None)
                return error;
        }
    }

    private bool TryTake(ReadOnlySpan<byte> area, out (uint Block, uint Offset, uint Length) next)
    {
        const int header = 4;
        next = default;
        while (area.Length >= header && area[2] >= header && area[2] <= area.Length)
        {
            ReadOnlySpan<byte> entry = area[..area[2]];
            area = area[area[2]..];
            switch ((char)entry[0], (char)entry[1])
            {
                case ('S', 'T'):
                    return true;
                case ('C', 'E'):
                    if (entry.Length < 28)
                        return false;
                    next = (Word(entry, 4), Word(entry, 12), Word(entry, 20));
                    break;
                default:
                    if (!TryTakeEntry(entry))
                        return false;
                    break;
            }
        }

        return true;
    }

    private bool TryTakeEntry(ReadOnlySpan<byte> entry)
    {
        switch ((char)entry[0], (char)entry[1])
        {
            case ('S', 'P'):
                HasMark = entry.Length >= 7 && entry[4] == 0xBE && entry[5] == 0xEF;
                Skip = HasMark ? entry[6] : 0;
                return HasMark;
            case ('N', 'M'):
                return TryTakeName(entry);
            case ('P', 'X'):
                if (entry.Length < 36)
                    return false;
                Attributes = new VolumeAttributes
                {
                    Mode = Word(entry, 4) & (InodeMode.TypeMask | InodeMode.Permissions), Links = Word(entry, 12),
                    UserId = Word(entry, 20), GroupId = Word(entry, 28),
                };
                return true;
            case ('P', 'N'):
                if (entry.Length < 20)
                    return false;
                Device = DeviceOf(Word(entry, 4), Word(entry, 12));
                return true;
            case ('T', 'F'):
                return TryTakeTimes(entry);
            case ('S', 'L'):
                return TryTakeLink(entry);
            case ('C', 'L'):
                if (entry.Length < 12)
                    return false;
                ChildLink = Word(entry, 4);
                return true;
            case ('R', 'E'):
                IsRelocated = true;
                return true;
            default:
                return true;
        }
    }

    private bool TryTakeName(ReadOnlySpan<byte> entry)
    {
        const int start = 5;
        if (entry.Length < start)
            return false;
        // "." and ".." are in the record itself.
        if ((entry[4] & (Current | Parent)) != 0)
            return true;
        hasName = true;
        isNameLong |= name.Count + entry.Length - start > LongestName;
        if (!isNameLong)
            name.AddRange(entry[start..]);
        return true;
    }

    // Which of the times are there is said by bits; they lie in the order of the bits. Some writers put the change time where the creation's belongs.
    private bool TryTakeTimes(ReadOnlySpan<byte> entry)
    {
        const byte creation = 1, modify = 2, access = 4, attributes = 8, inDigits = 0x80;
        if (entry.Length < 5)
            return false;
        byte which = entry[4];
        int length = (which & inDigits) != 0 ? IsoTime.LongLength : IsoTime.ShortLength;
        ReadOnlySpan<byte> rest = entry[5..];
        for (byte bit = creation; bit <= attributes; bit <<= 1)
        {
            if ((which & bit) == 0)
                continue;
            if (rest.Length < length)
                return false;
            long time = length == IsoTime.LongLength ? IsoTime.OfLong(rest) : IsoTime.OfShort(rest);
            rest = rest[length..];
            if (bit == modify)
                ModifyTime = time;
            else if (bit == access)
                AccessTime = time;
            else
                ChangeTime = time;
        }

        return true;
    }

    private bool TryTakeLink(ReadOnlySpan<byte> entry)
    {
        const int start = 5, header = 2;
        if (entry.Length < start)
            return false;
        List<byte> text = LinkText ??= [];
        for (ReadOnlySpan<byte> rest = entry[start..]; rest.Length >= header;)
        {
            byte flags = rest[0];
            int length = rest[1];
            if (length > rest.Length - header)
                return false;
            if (!endsInSlash)
                text.Add((byte)'/');
            switch (flags & ~Continues)
            {
                case 0:
                    text.AddRange(rest.Slice(header, length));
                    break;
                case Current:
                    text.Add((byte)'.');
                    break;
                case Parent:
                    text.AddRange(".."u8);
                    break;
                case OfRoot:
                    text.Add((byte)'/');
                    break;
                default:
                    return false;
            }

            // The next component belongs to the same one, or is the first behind the root.
            endsInSlash = (flags & (Continues | OfRoot)) != 0;
            if (text.Count > LongestText)
                return false;
            rest = rest[(header + length)..];
        }

        return true;
    }

    // Both words, or, as some writers have it, all in the low one.
    private static uint DeviceOf(uint high, uint low) =>
        high == 0 && low > 0xFF ? DeviceNumber.Make(low >> 8, low & 0xFF) : DeviceNumber.Make(high, low);

    private static uint Word(ReadOnlySpan<byte> entry, int at) => BinaryPrimitives.ReadUInt32LittleEndian(entry[at..]);
}
