namespace Servers.Vfs.Ext4;

/// <summary>What a block of metadata is whose checksum and structure have been checked.</summary>
internal enum BlockKindOfUse : byte
{
    /// <summary>Nothing is known of it.</summary>
    None,

    /// <summary>Names of a directory.</summary>
    Names,

    /// <summary>A node of a directory's index.</summary>
    Index,

    /// <summary>A node of a file's extents.</summary>
    Extents,

    /// <summary>The map of a group's blocks.</summary>
    BlockMap,

    /// <summary>The map of a group's inodes.</summary>
    InodeMap,
}

/// <summary>
/// A use that a block was checked for. One that lies in a transaction has been written by nobody else since, so it needs no check for the same use; for
/// another one it does: what is damaged may lead to a block from two places.
/// </summary>
/// <param name="Kind">What it is.</param>
/// <param name="Owner">Number of the inode or group.</param>
internal readonly record struct BlockUse(BlockKindOfUse Kind, uint Owner);
