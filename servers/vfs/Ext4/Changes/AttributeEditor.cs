using Servers.Vfs.Objects;

namespace Servers.Vfs.Ext4;

/// <summary>
/// Sets and removes extended attributes of an inode within a change. They lie in the inode as long as there is room, and else in a block, as on Linux. Inodes
/// that Linux has given one block together get blocks of their own when they change.
/// </summary>
internal sealed class AttributeEditor(Change change, Ext4Inode inode)
{
    private readonly List<StoredAttribute> inInode = [], inBlock = [];

    /// <summary>Sets one, or removes it without a value.</summary>
    public Errno Set(OperationContext context, byte index, ReadOnlySpan<byte> name, in ExtendedAttributeChange wanted)
    {
        InodeRecord record = change[inode];
        Errno error = AttributeReader.Read(change, (uint)inode.Number, record, inInode, inBlock);
        if (error != Errno.None)
            return error;
        int inodeIndex = IndexIn(inInode, index, name), blockIndex = IndexIn(inBlock, index, name);
        error = wanted.Check(inodeIndex >= 0 || blockIndex >= 0);
        if (error != Errno.None)
            return error;
        if (inodeIndex >= 0)
            inInode.RemoveAt(inodeIndex);
        if (blockIndex >= 0)
            inBlock.RemoveAt(blockIndex);
        bool changesInode = inodeIndex >= 0, changesBlock = blockIndex >= 0;
        if (wanted.Value is { } value)
        {
            var made = new StoredAttribute(index, name.ToArray(), value, 0, (uint)value.Length);
            if (AttributeTable.LengthOf([.. inInode, made]) <= AttributeTable.RoomInInode(record))
            {
                inInode.Add(made);
                changesInode = true;
            }
            else if (AttributeTable.LengthOf([.. inBlock, made]) <= change.Volume.BlockSize - AttributeTable.BlockHeaderLength)
            {
                inBlock.Add(made);
                changesBlock = true;
            }
            else
            {
                return Errno.ENOSPC;
            }
        }

        if (changesInode)
            AttributeTable.WriteInode(record, inInode);
        change.HasAttributes = true;
        return changesBlock ? WriteBlock(context, record) : Errno.None;
    }

    /// <summary>An inode goes, or has no attributes in its block any more: nobody has the block, or one less.</summary>
    public static Errno LeaveBlock(Change change, InodeRecord record)
    {
        long block = record.AttributeBlock;
        record.AttributeBlock = 0;
        Errno error = change.Edit(block, out byte[] bytes);
        if (error != Errno.None)
            return error;
        uint users = AttributeTable.ReferencesOf(bytes);
        if (users > 1)
        {
            AttributeTable.SetReferences(bytes, users - 1);
            Seal(change.Volume, bytes, block);
            return Errno.None;
        }

        change.Forget(block);
        return Allocator.Mark(change, block, 1, isUsed: false);
    }

    private Errno WriteBlock(OperationContext context, InodeRecord record)
    {
        Volume volume = change.Volume;
        long block = record.AttributeBlock, sectors = record.Sectors(volume.Super);
        byte[] bytes = [];
        Errno error = block == 0 ? Errno.None : change.Edit(block, out bytes);
        if (error != Errno.None)
            return error;
        if (block != 0 && (inBlock.Count == 0 || AttributeTable.ReferencesOf(bytes) > 1))
        {
            error = LeaveBlock(change, record);
            record.SetSectors(volume.Super, sectors -= volume.Sector(1));
            if (error != Errno.None || inBlock.Count == 0)
                return error;
            block = 0;
        }

        if (block == 0)
        {
            error = inode.Disk.AwaitRoom(context, 1);
            if (error == Errno.None)
                error = inode.Disk.Allocator.TakeBlock(change, inode.Goal, out block);
            if (error != Errno.None)
                return error;
            bytes = change.Make(block);
            record.AttributeBlock = block;
            record.SetSectors(volume.Super, sectors + volume.Sector(1));
        }

        AttributeTable.WriteBlock(bytes, inBlock);
        Seal(volume, bytes, block);
        return Errno.None;
    }

    private static void Seal(Volume volume, byte[] bytes, long block)
    {
        if (volume.Super.HasMetadataChecksums)
            AttributeTable.Seal(bytes, volume.Seed, block);
    }

    private static int IndexIn(List<StoredAttribute> list, byte index, ReadOnlySpan<byte> name)
    {
        for (int at = 0; at < list.Count; at++)
        {
            if (list[at].Is(index, name))
                return at;
        }

        return -1;
    }
}
