using Servers.Vfs.Objects;

namespace Servers.Vfs.Pipes;

/// <summary>The inode of a pipe without a name. Through /proc/PID/fd (and /dev/stdout) it can be opened again, for either direction.</summary>
public sealed class PipeInode(FileSystem fileSystem, ulong number, uint mode, Pipe pipe, long now) : MemoryInode(fileSystem, number, mode, now)
{
    /// <inheritdoc/>
    public override Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = FifoFile.Reopen(request, this, pipe);
        return Errno.None;
    }
}
