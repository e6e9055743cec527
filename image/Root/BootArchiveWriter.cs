using System.Buffers.Binary;
using System.Text;
using Libsys.Abi;

namespace Microkernel.Image.Root;

/// <summary>Writes entries as a boot archive; see <see cref="BootArchive"/> for the format.</summary>
public sealed class BootArchiveWriter
{
    private readonly IReadOnlyList<RootEntry> entries;
    private readonly MemoryStream names = new();
    private readonly Dictionary<string, int> targets = [];
    private readonly Dictionary<(string Path, bool IsSystem), int> indices = [];

    private BootArchiveWriter(IReadOnlyList<RootEntry> entries)
    {
        this.entries = entries;
        for (int index = 0; index < entries.Count; index++)
            indices[(entries[index].Path, entries[index].IsSystem)] = index;
    }

    /// <summary>Archive of <paramref name="entries"/>, in this order.</summary>
    /// <exception cref="ImageException">The archive would break a rule of the format.</exception>
    public static byte[] Write(IReadOnlyList<RootEntry> entries)
    {
        byte[] archive = new BootArchiveWriter(entries).Build();
        BootArchiveStatus status = BootArchiveReader.Check(archive);
        return status == BootArchiveStatus.Valid ? archive : throw new ImageException($"the boot archive would not be valid: {status}");
    }

    private byte[] Build()
    {
        List<(int Offset, int Length)> nameRanges = [.. entries.Select(entry => AddText(entry.Path))];
        foreach (RootEntry entry in entries.Where(entry => entry.Type == BootArchive.SymbolicLink))
            AddTarget(entry);

        int namesOffset = BootArchive.HeaderSize + entries.Count * BootArchive.EntrySize;
        int end = PageEnd(namesOffset + (int)names.Length);
        int[] dataOffsets = new int[entries.Count];
        for (int index = 0; index < entries.Count; index++)
        {
            if (entries[index].Type == BootArchive.SymbolicLink)
                dataOffsets[index] = namesOffset + targets[Target(entries[index])];
            else if (HoldsData(entries[index]))
            {
                dataOffsets[index] = end;
                end = PageEnd(end + entries[index].Content.Length);
            }
        }

        byte[] archive = new byte[end];
        names.GetBuffer().AsSpan(0, (int)names.Length).CopyTo(archive.AsSpan(namesOffset));
        for (int index = 0; index < entries.Count; index++)
            WriteEntry(archive, index, nameRanges[index], dataOffsets[index]);
        WriteHeader(archive, namesOffset);
        return archive;
    }

    private void WriteEntry(byte[] archive, int index, (int Offset, int Length) name, int dataOffset)
    {
        RootEntry entry = entries[index];
        Span<byte> record = archive.AsSpan(BootArchive.HeaderSize + index * BootArchive.EntrySize, BootArchive.EntrySize);
        uint hardLink = BootArchive.NoHardLink;
        if (entry.HardLinkTo is not null)
            hardLink = (uint)indices[(entry.HardLinkTo, entry.IsSystem)];
        bool hasContent = entry.HardLinkTo is null && !entry.Content.IsEmpty;

        uint[] fields = [(uint)name.Offset, (uint)name.Length, entry.Mode, 0, 0, entry.Device.Encoded, entry.IsSystem ? BootArchive.SystemFlag : 0, hardLink];
        for (int field = 0; field < fields.Length; field++)
            BinaryPrimitives.WriteUInt32LittleEndian(record[(field * 4)..], fields[field]);
        BinaryPrimitives.WriteUInt64LittleEndian(record[32..], RootEntry.ModifiedSeconds);
        BinaryPrimitives.WriteUInt64LittleEndian(record[40..], hasContent ? (ulong)dataOffset : 0);
        BinaryPrimitives.WriteUInt64LittleEndian(record[48..], hasContent ? (ulong)entry.Content.Length : 0);
        if (HoldsData(entry))
            entry.Content.Span.CopyTo(archive.AsSpan(dataOffset));
    }

    private void WriteHeader(byte[] archive, int namesOffset)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(archive, BootArchive.Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(archive.AsSpan(8), BootArchive.Version);
        BinaryPrimitives.WriteUInt32LittleEndian(archive.AsSpan(12), (uint)entries.Count);
        BinaryPrimitives.WriteUInt64LittleEndian(archive.AsSpan(16), BootArchive.HeaderSize);
        BinaryPrimitives.WriteUInt64LittleEndian(archive.AsSpan(24), (ulong)namesOffset);
        BinaryPrimitives.WriteUInt64LittleEndian(archive.AsSpan(32), (ulong)names.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(archive.AsSpan(40), (ulong)archive.Length);
        ulong hash = BootArchiveHash.Compute(archive.AsSpan(0, namesOffset + (int)names.Length));
        BinaryPrimitives.WriteUInt64LittleEndian(archive.AsSpan(BootArchive.HashOffset), hash);
    }

    private (int Offset, int Length) AddText(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        int offset = (int)names.Length;
        names.Write(bytes);
        return (offset, bytes.Length);
    }

    // Hundreds of applets link to the same program: each target is kept once.
    private void AddTarget(RootEntry entry)
    {
        string target = Target(entry);
        if (!targets.ContainsKey(target))
            targets[target] = AddText(target).Offset;
    }

    private static string Target(RootEntry entry) => Encoding.UTF8.GetString(entry.Content.Span);

    private static bool HoldsData(RootEntry entry) => entry.Type == BootArchive.RegularFile && entry.HardLinkTo is null && !entry.Content.IsEmpty;

    private static int PageEnd(int offset) => (offset + BootArchive.PageSize - 1) / BootArchive.PageSize * BootArchive.PageSize;
}
