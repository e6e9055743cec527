using Servers.Vfs.Objects;

namespace Servers.Vfs.Generated;

/// <summary>An inode of a file system whose content is made up: it has one time, and the block size of Linux' procfs and sysfs.</summary>
/// <param name="fileSystem">Where it is.</param>
/// <param name="number">Its number.</param>
/// <param name="mode">Type and permission bits.</param>
/// <param name="time">All its times, as <see cref="IClock.Wall"/> gives them.</param>
public abstract class GeneratedInode(FileSystem fileSystem, ulong number, uint mode, long time) : Inode(fileSystem, number, mode)
{
    /// <inheritdoc/>
    public override long AccessTime => time;

    /// <inheritdoc/>
    public override long ModifyTime => time;

    /// <inheritdoc/>
    public override long ChangeTime => time;

    /// <inheritdoc/>
    public override long BlockSize => 1024;
}
