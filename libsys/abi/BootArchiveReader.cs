using System;

namespace Libsys.Abi;

/// <summary>
/// Reads a boot archive in place. Safe code that needs no runtime: the personality's loader uses it before any server exists, the servers and
/// the build tool use it on full .NET.
/// </summary>
/// <remarks>
/// Call <see cref="Check"/> once; the other members rely on it. They stay memory-safe on an unchecked archive (spans are bounded) but then
/// stop the program. One span is the only field, so that passing a reader stays in two general registers.
/// </remarks>
public readonly ref struct BootArchiveReader
{
    private readonly ReadOnlySpan<byte> archive;

    /// <summary>Looks at <paramref name="archive"/>, which may be longer than the archive itself (boot loaders round up).</summary>
    public BootArchiveReader(ReadOnlySpan<byte> archive) => this.archive = archive;

    /// <summary>Number of entries, system entries included.</summary>
    public int Count => (int)LittleEndian.UInt32(archive, 12);

    /// <summary>Full path without leading slash.</summary>
    public ReadOnlySpan<byte> Name(int index)
    {
        int entry = EntryOffset(index);
        return archive.Slice(NamesOffset + (int)LittleEndian.UInt32(archive, entry), (int)LittleEndian.UInt32(archive, entry + 4));
    }

    /// <summary>Type and permission bits.</summary>
    public uint Mode(int index) => Field(index, 8);

    /// <summary>Owner.</summary>
    public uint UserId(int index) => Field(index, 12);

    /// <summary>Group.</summary>
    public uint GroupId(int index) => Field(index, 16);

    /// <summary>Device number of a device node.</summary>
    public uint Device(int index) => Field(index, 20);

    /// <summary>True for an entry that is not part of the root file system.</summary>
    public bool IsSystem(int index) => (Field(index, 24) & BootArchive.SystemFlag) != 0;

    /// <summary>Index of the entry that holds the data: the entry itself unless it is a hard link.</summary>
    public int DataEntry(int index)
    {
        uint link = Field(index, 28);
        return link == BootArchive.NoHardLink ? index : (int)link;
    }

    /// <summary>Modification time in seconds since 1970.</summary>
    public ulong ModifiedSeconds(int index) => LittleEndian.UInt64(archive, EntryOffset(index) + 32);

    /// <summary>True when the data of the entry, which holds it, lies in the root image.</summary>
    public bool IsInImage(int index) => (Field(index, 24) & BootArchive.ImageFlag) != 0;

    /// <summary>Bytes of the root image that entries may name; zero without one.</summary>
    public long ImageLength => (long)LittleEndian.UInt64(archive, 56);

    /// <summary>What the root image has at <see cref="BootArchive.HashOffset"/>.</summary>
    public ulong ImageHash => LittleEndian.UInt64(archive, 64);

    /// <summary>Start of the data in the archive or in the root image: page-aligned for regular files.</summary>
    public long DataOffset(int index) => (long)LittleEndian.UInt64(archive, EntryOffset(index) + 40);

    /// <summary>Length of the data or symbolic link target in bytes.</summary>
    public long DataLength(int index) => (long)LittleEndian.UInt64(archive, EntryOffset(index) + 48);

    /// <summary>File content or symbolic link target; that of the entry which holds the data, for a hard link. Not for what lies in the root image.</summary>
    public ReadOnlySpan<byte> Data(int index)
    {
        int holder = DataEntry(index);
        return archive.Slice((int)DataOffset(holder), (int)DataLength(holder));
    }

    /// <summary>Extended attributes, for <see cref="BootArchiveAttributes"/>; those of the first name, for a hard link.</summary>
    public ReadOnlySpan<byte> Attributes(int index)
    {
        int holder = DataEntry(index);
        return archive.Slice(NamesOffset + (int)Field(holder, 56), (int)Field(holder, 60));
    }

    /// <summary>Index of the entry with this name, or -1.</summary>
    public int Find(ReadOnlySpan<byte> name, bool system) => FindBefore(name, system, Count);

    /// <summary>Checks every rule of the format.</summary>
    public static BootArchiveStatus Check(ReadOnlySpan<byte> archive)
    {
        BootArchiveStatus status = CheckMetadata(archive, archive.Length);
        if (status != BootArchiveStatus.Valid)
            return status;
        var reader = new BootArchiveReader(archive);
        for (int index = 0; index < reader.Count; index++)
        {
            if (!reader.IsPadded(index))
                return BootArchiveStatus.BadData;
        }

        return BootArchiveStatus.Valid;
    }

    /// <summary>Checks every rule but that data is padded with zeros: whoever writes an archive need not have the whole of it in memory.</summary>
    /// <param name="metadata">Header, entries and names; more may follow.</param>
    /// <param name="length">Bytes of the whole archive.</param>
    public static BootArchiveStatus CheckMetadata(ReadOnlySpan<byte> metadata, long length)
    {
        BootArchiveStatus layout = CheckLayout(metadata, length);
        if (layout != BootArchiveStatus.Valid)
            return layout;

        var reader = new BootArchiveReader(metadata);
        long dataStart = reader.NamesOffset + (int)LittleEndian.UInt64(metadata, 32);
        for (int index = 0; index < reader.Count; index++)
        {
            BootArchiveStatus entry = reader.CheckEntry(index, ref dataStart);
            if (entry != BootArchiveStatus.Valid)
                return entry;
        }

        return BootArchiveStatus.Valid;
    }

    private int NamesOffset => (int)LittleEndian.UInt64(archive, 24);

    private int EntryOffset(int index) => (int)LittleEndian.UInt64(archive, 16) + index * BootArchive.EntrySize;

    private uint Field(int index, int offset) => LittleEndian.UInt32(archive, EntryOffset(index) + offset);

    private static BootArchiveStatus CheckLayout(ReadOnlySpan<byte> archive, long length)
    {
        if (archive.Length < BootArchive.HeaderSize)
            return BootArchiveStatus.Truncated;
        if (LittleEndian.UInt64(archive, 0) != BootArchive.Magic)
            return BootArchiveStatus.BadMagic;
        if (LittleEndian.UInt32(archive, 8) != BootArchive.Version)
            return BootArchiveStatus.BadVersion;

        ulong total = LittleEndian.UInt64(archive, 40);
        if (total > (ulong)length)
            return BootArchiveStatus.Truncated;

        // Each term is bounded before it is used in a sum, so that no sum can wrap.
        ulong entriesLength = (ulong)LittleEndian.UInt32(archive, 12) * BootArchive.EntrySize;
        ulong entries = LittleEndian.UInt64(archive, 16);
        ulong names = LittleEndian.UInt64(archive, 24);
        ulong namesLength = LittleEndian.UInt64(archive, 32);
        if (total % BootArchive.PageSize != 0 || entriesLength > total || entries > total || names > total || namesLength > total)
            return BootArchiveStatus.BadLayout;
        if (entries != BootArchive.HeaderSize || names != entries + entriesLength || names + namesLength > total)
            return BootArchiveStatus.BadLayout;
        if (names + namesLength > (ulong)archive.Length)
            return BootArchiveStatus.Truncated;
        ulong image = LittleEndian.UInt64(archive, 56);
        if (image % BootArchive.PageSize != 0 || image > long.MaxValue || (image == 0) != (LittleEndian.UInt64(archive, 64) == 0)
            || LittleEndian.UInt64(archive, 72) != 0)
            return BootArchiveStatus.BadLayout;
        return BootArchiveHash.Compute(archive.Slice(0, (int)(names + namesLength))) == LittleEndian.UInt64(archive, BootArchive.HashOffset)
            ? BootArchiveStatus.Valid
            : BootArchiveStatus.BadHash;
    }

    private BootArchiveStatus CheckEntry(int index, ref long dataStart)
    {
        ulong nameOffset = Field(index, 0);
        ulong nameLength = Field(index, 4);
        ulong namesLength = LittleEndian.UInt64(archive, 32);
        if (nameLength == 0 || nameLength > BootArchive.LongestPath || nameOffset > namesLength || nameLength > namesLength - nameOffset)
            return BootArchiveStatus.BadName;
        if (!BootArchivePath.IsWellFormed(Name(index)))
            return BootArchiveStatus.BadName;
        if ((Field(index, 24) & ~(BootArchive.SystemFlag | BootArchive.ImageFlag)) != 0 || (IsInImage(index) && !MayLieInImage(index)))
            return BootArchiveStatus.BadEntry;
        if (index > 0 && !IsAfterPrevious(index))
            return BootArchiveStatus.BadOrder;
        if (!IsSystem(index) && !HasParent(index))
            return BootArchiveStatus.MissingParent;
        if (!HasWellFormedAttributes(index))
            return BootArchiveStatus.BadAttributes;
        return CheckContent(index, ref dataStart);
    }

    private bool HasParent(int index)
    {
        int length = BootArchivePath.ParentLength(Name(index));
        if (length == 0)
            return true;
        ReadOnlySpan<byte> name = Name(index).Slice(0, length);

        // Most entries lie in the same directory as the one before, which has been looked at.
        if (index > 0 && !IsSystem(index - 1) && BootArchivePath.ParentLength(Name(index - 1)) == length
            && Name(index - 1).Slice(0, length).SequenceEqual(name))
            return true;
        int parent = FindBefore(name, false, index);
        return parent >= 0 && (Mode(parent) & BootArchive.TypeMask) == BootArchive.Directory;
    }

    private bool HasWellFormedAttributes(int index)
    {
        ulong offset = Field(index, 56);
        ulong length = Field(index, 60);
        if (length == 0)
            return offset == 0;
        ulong namesLength = LittleEndian.UInt64(archive, 32);
        return Field(index, 28) == BootArchive.NoHardLink && offset <= namesLength && length <= namesLength - offset
            && BootArchiveAttributes.AreWellFormed(archive.Slice(NamesOffset + (int)offset, (int)length));
    }

    private bool IsAfterPrevious(int index)
    {
        if (IsSystem(index - 1) != IsSystem(index))
            return IsSystem(index - 1);
        return BootArchivePath.Compare(Name(index - 1), Name(index)) < 0;
    }

    private BootArchiveStatus CheckContent(int index, ref long dataStart)
    {
        ulong offset = LittleEndian.UInt64(archive, EntryOffset(index) + 40);
        ulong length = LittleEndian.UInt64(archive, EntryOffset(index) + 48);
        uint type = Mode(index) & BootArchive.TypeMask;
        bool isDevice = type == BootArchive.CharacterDevice || type == BootArchive.BlockDevice;
        if ((Mode(index) & ~0xffffu) != 0 || (!isDevice && Device(index) != 0) || (IsSystem(index) && type != BootArchive.RegularFile))
            return BootArchiveStatus.BadEntry;

        if (Field(index, 28) != BootArchive.NoHardLink)
            return CheckHardLink(index, offset, length);
        if (type == BootArchive.RegularFile)
        {
            if (IsInImage(index))
                return CheckImageData(offset, length);
            return length == 0 && offset == 0 ? BootArchiveStatus.Valid : CheckFileData(offset, length, ref dataStart);
        }


        if (type == BootArchive.SymbolicLink)
            return CheckTarget(offset, length);
        if (!isDevice && type != BootArchive.Directory && type != BootArchive.Fifo)
            return BootArchiveStatus.BadEntry;
        return offset == 0 && length == 0 ? BootArchiveStatus.Valid : BootArchiveStatus.BadEntry;
    }

    private BootArchiveStatus CheckHardLink(int index, ulong offset, ulong length)
    {
        // The holder comes first and has no hard link of its own, so links cannot form a chain or a cycle.
        uint holder = Field(index, 28);
        bool valid = holder < (uint)index && offset == 0 && length == 0
            && (Mode(index) & BootArchive.TypeMask) != BootArchive.Directory
            && Field((int)holder, 28) == BootArchive.NoHardLink
            && Mode((int)holder) == Mode(index)
            && UserId((int)holder) == UserId(index)
            && GroupId((int)holder) == GroupId(index)
            && Device((int)holder) == Device(index)
            && IsSystem((int)holder) == IsSystem(index);
        return valid ? BootArchiveStatus.Valid : BootArchiveStatus.BadHardLink;
    }

    private BootArchiveStatus CheckFileData(ulong offset, ulong length, ref long dataStart)
    {
        // Data is in the order of the entries: one comparison shows that no two files share a page.
        ulong total = LittleEndian.UInt64(archive, 40);
        if (length == 0 || offset % BootArchive.PageSize != 0 || offset < (ulong)dataStart || offset > total || length > total - offset)
            return BootArchiveStatus.BadData;

        // The total is a multiple of the page size, so the padding is inside it too.
        dataStart = PageEnd((long)(offset + length));
        return BootArchiveStatus.Valid;
    }

    private bool MayLieInImage(int index) =>
        (Mode(index) & BootArchive.TypeMask) == BootArchive.RegularFile && !IsSystem(index) && Field(index, 28) == BootArchive.NoHardLink;

    // Two files may be the same pages there: nobody writes to them.
    private BootArchiveStatus CheckImageData(ulong offset, ulong length)
    {
        ulong end = LittleEndian.UInt64(archive, 56);
        return length == 0 || offset % BootArchive.PageSize != 0 || offset > end || length > end - offset ? BootArchiveStatus.BadData : BootArchiveStatus.Valid;
    }

    // Only called when offset and length have been found right.
    private bool IsPadded(int index)
    {
        if ((Mode(index) & BootArchive.TypeMask) != BootArchive.RegularFile || IsInImage(index))
            return true;
        long end = DataOffset(index) + DataLength(index);
        ReadOnlySpan<byte> padding = archive.Slice((int)end, (int)(PageEnd(end) - end));
        int position = 0;
        for (; position + 8 <= padding.Length; position += 8)
        {
            if (LittleEndian.UInt64(padding, position) != 0)
                return false;
        }

        for (; position < padding.Length; position++)
        {
            if (padding[position] != 0)
                return false;
        }

        return true;
    }

    private static long PageEnd(long offset) => (offset + BootArchive.PageSize - 1) / BootArchive.PageSize * BootArchive.PageSize;

    private BootArchiveStatus CheckTarget(ulong offset, ulong length)
    {
        ulong names = LittleEndian.UInt64(archive, 24);
        ulong end = names + LittleEndian.UInt64(archive, 32);
        if (length == 0 || length > BootArchive.LongestPath || offset < names || offset > end || length > end - offset)
            return BootArchiveStatus.BadData;
        return BootArchivePath.HasZero(archive.Slice((int)offset, (int)length)) ? BootArchiveStatus.BadData : BootArchiveStatus.Valid;
    }

    private int FindBefore(ReadOnlySpan<byte> name, bool system, int end)
    {
        int low = 0;
        int high = end - 1;
        while (low <= high)
        {
            int middle = low + (high - low) / 2;
            int order = IsSystem(middle) == system ? BootArchivePath.Compare(Name(middle), name) : IsSystem(middle) ? -1 : 1;
            if (order == 0)
                return middle;
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return -1;
    }
}
