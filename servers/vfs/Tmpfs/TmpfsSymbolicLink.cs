using Servers.Vfs.Attributes;
using Servers.Vfs.Objects;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Tmpfs;

/// <summary>A symbolic link in memory.</summary>
public sealed class TmpfsSymbolicLink : MemoryInode, ITmpfsInode
{
    // Linux keeps a shorter text in the inode and a longer one in a page, which st_blocks shows.
    private const int ShortText = 128;
    private readonly byte[] text;
    private readonly TmpfsFileSystem fileSystem;

    internal TmpfsSymbolicLink(TmpfsFileSystem fileSystem, ulong number, byte[] text)
        : base(fileSystem, number, InodeMode.SymbolicLink | 0x1FF, fileSystem.Clock.Wall)
    {
        this.fileSystem = fileSystem;
        this.text = text;
        fileSystem.Kept.Take(text.Length);
    }

    /// <inheritdoc/>
    public override long Size => text.Length;

    /// <inheritdoc/>
    public override bool CanBePublished => true;

    /// <inheritdoc/>
    public override long Blocks => text.Length < ShortText ? 0 : CachedFile.PageSize / StatRecord.BlockUnit;

    /// <inheritdoc/>
    public override Errno ReadLink(OperationContext context, out byte[] linkText)
    {
        linkText = text;
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = null;
        return Errno.ELOOP;
    }

    /// <inheritdoc/>
    public void FreeIfUnused()
    {
        if (LinkCount > 0)
            return;
        fileSystem.InodeFreed(this);
        fileSystem.Kept.Give(text.Length);
    }
}
