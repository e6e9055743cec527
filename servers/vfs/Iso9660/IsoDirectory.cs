using Servers.Vfs.Attributes;
using Servers.Vfs.Files;
using Servers.Vfs.Objects;
using Servers.Vfs.Pages;
using Servers.Vfs.Volumes;

namespace Servers.Vfs.Iso9660;

/// <summary>A directory.</summary>
internal sealed class IsoDirectory(IsoFileSystem fileSystem, ulong number, in VolumeAttributes attributes, long extent, long length)
    : VolumeDirectory(fileSystem, number, attributes)
{
    public override long Size => length;

    public override long Blocks => (length + StatRecord.BlockUnit - 1) / StatRecord.BlockUnit;

    public override long BlockSize => fileSystem.BlockSize;

    public override Errno List(OperationContext context, ref DirectoryRecords records, ref long offset, out bool isFull)
    {
        // The type is known only when the inode has been read: DT_UNKNOWN, as on Linux.
        const byte unknown = 0;
        isFull = false;
        var entries = new IsoEntries(context, fileSystem, extent, length) { Position = offset - VolumeDirectoryFile.FirstName };
        while (true)
        {
            Errno error = entries.Next(out IsoEntry? entry);
            byte[] name = [];
            RockRidge? rock = null;
            if (error == Errno.None && entry != null)
                error = entry.Describe(context, fileSystem, out name, out rock);
            if (error != Errno.None || entry == null)
                return error;
            DirectoryRecord record = entry.Record;
            ulong shown = record.IsDirectory ? fileSystem.NumberOf(record.Extent, 0) : fileSystem.NumberOf(record.Block, record.Offset);
            long next = entry.Next + VolumeDirectoryFile.FirstName;
            if (name.Length > 0 && !records.TryAdd(shown, next, unknown, name))
            {
                isFull = true;
                return Errno.None;
            }

            offset = next;
        }
    }

    protected override Errno Find(OperationContext context, ReadOnlySpan<byte> name, out VolumeInode? inode, out byte[]? known)
    {
        (inode, known) = (null, null);
        var entries = new IsoEntries(context, fileSystem, extent, length);
        while (true)
        {
            Errno error = entries.Next(out IsoEntry? entry);
            byte[] found = [];
            RockRidge? rock = null;
            if (error == Errno.None && entry != null)
                error = entry.Describe(context, fileSystem, out found, out rock);
            if (error != Errno.None || entry == null)
                return error != Errno.None ? error : Errno.ENOENT;
            if (found.Length == 0 || !IsoNames.AreSame(found, name, fileSystem.FoldsCase, fileSystem.IsJoliet))
                continue;
            known = name.SequenceEqual(found) ? null : found;
            return IsoInodes.Load(context, fileSystem, entry, rock, out inode);
        }
    }
}

/// <summary>A regular file: one or more sections of neighbouring blocks.</summary>
internal sealed class IsoFile(IsoFileSystem fileSystem, ulong number, in VolumeAttributes attributes, IsoSection[] sections, long size)
    : VolumeFile(fileSystem, number, attributes, size)
{
    private const int SectorBits = 9;

    public override long Blocks => (Size + StatRecord.BlockUnit - 1) / StatRecord.BlockUnit;

    public override long BlockSize => fileSystem.BlockSize;

    public override void BeginRead(PageTransfer transfer)
    {
        var fill = new PageFill(this, transfer);
        long start = 0;
        foreach (IsoSection section in sections)
        {
            long within = fill.Position - start;
            start += section.Length;
            // The last section ends within a sector; its blocks do not.
            if (within >= 0 && fill.Position < start && fill.Position < fill.End)
                fill.Add((section.Block << (fileSystem.BlockBits - SectorBits)) + (within >> SectorBits), Sectors(section.Length - within));
        }

        fill.Submit(Errno.None);
    }

    private static long Sectors(long length) => (length + StatRecord.BlockUnit - 1) & -StatRecord.BlockUnit;
}
