using Servers.Vfs.Objects;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Ext4;

/// <summary>Makes objects of inodes on the disk, after all that lies in them has been checked.</summary>
internal static class InodeLoader
{
    /// <summary>Reads an inode with what belongs to it. Wait: part of it is on its way.</summary>
    public static Errno Load(BlockReader reader, Ext4FileSystem fileSystem, uint number, out Ext4Inode? inode, bool isOrphan = false)
    {
        inode = null;
        Volume volume = reader.Volume;
        Errno error = volume.ReadInode(reader, number, out InodeRecord record);
        if (error == Errno.None)
            error = Check(volume, number, record, isOrphan);
        if (error != Errno.None)
            return error;
        var attributes = new List<StoredAttribute>();
        if (!AttributeTable.TryReadInode(record, attributes))
            return volume.Corrupted($"inode {number} has wrong attributes");
        byte[] inline = record.Has(InodeRecord.InlineData) ? [.. record.Map, .. attributes.Find(IsInline)?.Value ?? []] : [];
        switch (InodeMode.Type(record.Mode))
        {
            case InodeMode.Directory:
                inode = new Ext4Directory(fileSystem, number, record, inline);
                break;
            case InodeMode.Regular:
                inode = new Ext4File(fileSystem, number, record, inline);
                break;
            case InodeMode.SymbolicLink:
                error = ReadText(reader, number, record, inline, out byte[] text);
                if (error != Errno.None)
                    return error;
                inode = new Ext4Link(fileSystem, number, record, text);
                break;
            default:
                inode = new Ext4Special(fileSystem, number, record);
                break;
        }

        return Errno.None;
    }

    private static bool IsInline(StoredAttribute attribute) => attribute.Is(StoredAttribute.SystemIndex, "data"u8);

    private static Errno Check(Volume volume, uint number, InodeRecord record, bool isOrphan)
    {
        bool isKnown = InodeMode.Type(record.Mode) is InodeMode.Directory or InodeMode.Regular or InodeMode.SymbolicLink or InodeMode.Fifo or InodeMode.Socket
            or InodeMode.Character or InodeMode.Block;
        if (!isKnown)
            return volume.Corrupted($"inode {number} is of no type");
        if (record.Links == 0 && !isOrphan)
            return volume.Corrupted($"inode {number} was deleted");
        if (record.Bytes.Length > InodeRecord.ShortLength && record.ExtraLength == 0 && (record.Bytes[InodeRecord.ShortLength] | record.Bytes[129]) != 0)
            return volume.Corrupted($"inode {number} has more than fits");
        if (record.Size < 0 || record.Size > Math.Min(BlockMap.MostBlocks << volume.BlockBits, CachedFile.Limit))
            return volume.Corrupted($"inode {number} has a wrong length");
        if (record.AttributeBlock != 0 && !volume.IsBlock(record.AttributeBlock))
            return volume.Corrupted($"inode {number} has attributes beyond the device");
        return record.Has(InodeRecord.InlineData) && !volume.Super.Has(IncompatibleFeatures.InlineData)
            ? volume.Corrupted($"inode {number} has its bytes where there are none") : Errno.None;
    }

    private static Errno ReadText(BlockReader reader, uint number, InodeRecord record, byte[] inline, out byte[] text)
    {
        text = [];
        Volume volume = reader.Volume;
        if (record.Size == 0 || record.Size >= volume.BlockSize)
            return volume.Corrupted($"symbolic link {number} has a wrong length");
        int length = (int)record.Size;
        long own = record.Sectors(volume.Super) - (record.AttributeBlock != 0 ? volume.Sector(1) : 0);
        ReadOnlySpan<byte> from = inline;
        if (!record.Has(InodeRecord.InlineData) && own == 0)
        {
            from = record.Map;
        }
        else if (!record.Has(InodeRecord.InlineData))
        {
            Errno error = BlockMap.Find(reader, number, record, 0, out BlockRun run);
            if (error == Errno.None && !run.HasData)
                error = volume.Corrupted($"symbolic link {number} has no text");
            byte[] block = [];
            if (error == Errno.None)
                error = reader.Read(run.Physical, out block);
            if (error != Errno.None)
                return error;
            from = block;
        }

        if (length > from.Length || from[..length].Contains((byte)0))
            return volume.Corrupted($"symbolic link {number} has a wrong text");
        text = from[..length].ToArray();
        return Errno.None;
    }
}
