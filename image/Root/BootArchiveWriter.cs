using System.Buffers.Binary;
using System.Text;
using Libsys.Abi;

namespace Microkernel.Image.Root;

/// <summary>Writes entries as a boot archive; see <see cref="BootArchive"/> for the format.</summary>
public sealed class BootArchiveWriter
{
    private readonly IReadOnlyList<RootEntry> entries;
    private readonly RootImage? image;
    private readonly MemoryStream names = new();
    private readonly Dictionary<string, int> texts = [];
    private readonly Dictionary<(string Path, bool IsSystem), int> indices = [];

    private BootArchiveWriter(IReadOnlyList<RootEntry> entries, RootImage? image)
    {
        this.entries = entries;
        this.image = image;
        for (int index = 0; index < entries.Count; index++)
            indices[(entries[index].Path, entries[index].IsSystem)] = index;
    }

    /// <summary>Archive of <paramref name="entries"/>, in this order, in memory.</summary>
    /// <exception cref="ImageException">The archive would break a rule of the format.</exception>
    public static byte[] Write(IReadOnlyList<RootEntry> entries)
    {
        using var archive = new MemoryStream();
        Write(entries, archive);
        return archive.ToArray();
    }

    /// <summary>Writes an archive of <paramref name="entries"/>, in this order.</summary>
    /// <param name="entries">All entries.</param>
    /// <param name="archive">Where to.</param>
    /// <param name="image">Files that lie in it are named there and not copied.</param>
    /// <exception cref="ImageException">The archive would break a rule of the format, or the content of a file cannot be read.</exception>
    public static void Write(IReadOnlyList<RootEntry> entries, Stream archive, RootImage? image = null) =>
        new BootArchiveWriter(entries, image).WriteTo(archive);

    private void WriteTo(Stream archive)
    {
        List<(int Offset, int Length)> nameRanges = [.. entries.Select(entry => AddText(Encoding.UTF8.GetBytes(entry.Path)))];
        List<(int Offset, int Length)> attributeRanges = [.. entries.Select(entry => entry.Attributes.IsEmpty ? (0, 0) : AddText(entry.Attributes.Span))];
        foreach (RootEntry entry in entries.Where(HoldsTarget))
            AddTarget(entry.Target);

        int namesOffset = BootArchive.HeaderSize + entries.Count * BootArchive.EntrySize;
        long end = PageEnd(namesOffset + names.Length);
        long[] dataOffsets = new long[entries.Count];
        for (int index = 0; index < entries.Count; index++)
        {
            if (HoldsTarget(entries[index]))
                dataOffsets[index] = namesOffset + texts[entries[index].Target];
            else if (IsInImage(entries[index]))
                dataOffsets[index] = entries[index].Content.Offset;
            else if (HoldsData(entries[index]))
            {
                dataOffsets[index] = end;
                end = PageEnd(end + entries[index].Content.Length);
            }
        }

        byte[] metadata = new byte[namesOffset + (int)names.Length];
        names.GetBuffer().AsSpan(0, (int)names.Length).CopyTo(metadata.AsSpan(namesOffset));
        for (int index = 0; index < entries.Count; index++)
            WriteEntry(metadata, index, nameRanges[index], attributeRanges[index], dataOffsets[index]);
        WriteHeader(metadata, namesOffset, end);
        BootArchiveStatus status = BootArchiveReader.CheckMetadata(metadata, end);
        if (status != BootArchiveStatus.Valid)
            throw new ImageException($"the boot archive would not be valid: {status}");
        archive.Write(metadata);
        WriteData(archive, metadata.Length, dataOffsets, end);
    }

    private void WriteEntry(byte[] metadata, int index, (int Offset, int Length) name, (int Offset, int Length) attributes, long dataOffset)
    {
        RootEntry entry = entries[index];
        Span<byte> record = metadata.AsSpan(BootArchive.HeaderSize + index * BootArchive.EntrySize, BootArchive.EntrySize);
        uint hardLink = BootArchive.NoHardLink;
        if (entry.HardLinkTo is not null)
            hardLink = (uint)indices[(entry.HardLinkTo, entry.IsSystem)];

        uint flags = entry.IsSystem ? BootArchive.SystemFlag : IsInImage(entry) ? BootArchive.ImageFlag : 0;
        ReadOnlySpan<uint> fields =
            [(uint)name.Offset, (uint)name.Length, entry.Mode, entry.UserId, entry.GroupId, entry.Device.Encoded, flags, hardLink];
        for (int field = 0; field < fields.Length; field++)
            BinaryPrimitives.WriteUInt32LittleEndian(record[(field * 4)..], fields[field]);
        BinaryPrimitives.WriteUInt64LittleEndian(record[32..], entry.ModifiedSeconds);
        BinaryPrimitives.WriteUInt64LittleEndian(record[40..], (ulong)dataOffset);
        BinaryPrimitives.WriteUInt64LittleEndian(record[48..], entry.HardLinkTo is null ? (ulong)entry.Content.Length : 0);
        BinaryPrimitives.WriteUInt32LittleEndian(record[56..], (uint)attributes.Offset);
        BinaryPrimitives.WriteUInt32LittleEndian(record[60..], (uint)attributes.Length);
    }

    private void WriteHeader(byte[] metadata, int namesOffset, long length)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(metadata, BootArchive.Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(metadata.AsSpan(8), BootArchive.Version);
        BinaryPrimitives.WriteUInt32LittleEndian(metadata.AsSpan(12), (uint)entries.Count);
        BinaryPrimitives.WriteUInt64LittleEndian(metadata.AsSpan(16), BootArchive.HeaderSize);
        BinaryPrimitives.WriteUInt64LittleEndian(metadata.AsSpan(24), (ulong)namesOffset);
        BinaryPrimitives.WriteUInt64LittleEndian(metadata.AsSpan(32), (ulong)names.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(metadata.AsSpan(40), (ulong)length);
        BinaryPrimitives.WriteUInt64LittleEndian(metadata.AsSpan(56), (ulong)(image?.Length ?? 0));
        BinaryPrimitives.WriteUInt64LittleEndian(metadata.AsSpan(64), image?.Hash ?? 0);
        BinaryPrimitives.WriteUInt64LittleEndian(metadata.AsSpan(BootArchive.HashOffset), BootArchiveHash.Compute(metadata));
    }

    private void WriteData(Stream archive, long at, long[] offsets, long end)
    {
        byte[] zeros = new byte[BootArchive.PageSize];
        for (int index = 0; index < entries.Count; index++)
        {
            if (!HoldsData(entries[index]) || IsInImage(entries[index]))
                continue;
            archive.Write(zeros, 0, (int)(offsets[index] - at));
            entries[index].Content.CopyTo(archive);
            at = offsets[index] + entries[index].Content.Length;
        }

        archive.Write(zeros, 0, (int)(end - at));
    }

    private (int Offset, int Length) AddText(ReadOnlySpan<byte> text)
    {
        int offset = (int)names.Length;
        names.Write(text);
        return (offset, text.Length);
    }

    // Hundreds of applets link to the same program: each target is kept once.
    private void AddTarget(string target)
    {
        if (!texts.ContainsKey(target))
            texts[target] = AddText(Encoding.UTF8.GetBytes(target)).Offset;
    }

    private static bool HoldsTarget(RootEntry entry) => entry.Type == BootArchive.SymbolicLink && entry.HardLinkTo is null;

    private static bool HoldsData(RootEntry entry) => entry.Type == BootArchive.RegularFile && entry.HardLinkTo is null && !entry.Content.IsEmpty;

    // The cache has each file on pages of its own, padded.
    private bool IsInImage(RootEntry entry) => image is not null && entry.Content.File == image.File && !entry.IsSystem && HoldsData(entry);

    private static long PageEnd(long offset) => (offset + BootArchive.PageSize - 1) / BootArchive.PageSize * BootArchive.PageSize;
}
