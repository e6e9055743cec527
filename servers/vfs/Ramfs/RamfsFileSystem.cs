using Servers.Vfs.Objects;
using Servers.Vfs.Tmpfs;

namespace Servers.Vfs.Ramfs;

/// <summary>
/// ramfs: tmpfs without limits, figures and holes, mount(8). What bounds it is the machine: pages end with the page cache's account, inodes with vfs'
/// heap, both by ENOSPC where Linux runs out of memory.
/// </summary>
public sealed class RamfsFileSystem : TmpfsFileSystem
{
    /// <summary>Permissions of the root directory without the option mode.</summary>
    public const uint DefaultMode = 0x1ED; // 0755

    /// <summary>An empty tree.</summary>
    public RamfsFileSystem(TmpfsSources sources, uint mode)
        : base(sources, "ramfs", TmpfsOptions.Default with { Mode = mode, Pages = sources.MemoryPages }) =>
        OptionText = mode == DefaultMode ? "" : ",mode=" + Convert.ToString(mode, 8);

    /// <inheritdoc/>
    public override ulong Magic => 0x858458F6; // RAMFS_MAGIC, statfs(2)

    /// <inheritdoc/>
    public override string OptionText { get; }

    /// <inheritdoc/>
    public override int SizePerName => 0;

    /// <inheritdoc/>
    public override bool ShowsHoles => false;

    /// <inheritdoc/>
    public override Errno CheckAttribute(ReadOnlySpan<byte> name) => Errno.EOPNOTSUPP;

    /// <inheritdoc/>
    public override Errno StatFs(OperationContext context, out FileSystemUsage usage)
    {
        usage = default;
        return Errno.None;
    }
}
