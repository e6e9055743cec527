using Servers.Vfs.Objects;
using Servers.Vfs.Pipes;

namespace Servers.Vfs.Tmpfs;

/// <summary>A device node, a fifo or a socket's name in memory.</summary>
public sealed class TmpfsSpecial : MemoryInode, ITmpfsInode
{
    private readonly TmpfsFileSystem fileSystem;
    private Pipe? pipe;

    internal TmpfsSpecial(TmpfsFileSystem fileSystem, ulong number, uint mode)
        : base(fileSystem, number, mode, fileSystem.Clock.Wall) => this.fileSystem = fileSystem;

    /// <inheritdoc/>
    public override bool CanBePublished => true;

    /// <inheritdoc/>
    public override Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = null;
        switch (InodeMode.Type(Mode))
        {
            case InodeMode.Fifo:
                pipe ??= new Pipe(fileSystem.Pipes);
                return FifoFile.Open(request, this, pipe, out file);
            case InodeMode.Character or InodeMode.Block:
                return fileSystem.Devices.Open(request, this, out file);
            default:
                // A socket's name can be connected to, not opened, open(2).
                return Errno.ENXIO;
        }
    }

    /// <inheritdoc/>
    public void FreeIfUnused()
    {
        if (LinkCount == 0)
            fileSystem.InodeFreed(this);
    }
}
