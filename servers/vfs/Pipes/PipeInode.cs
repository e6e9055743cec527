using Servers.Vfs.Files;
using Servers.Vfs.Inodes;
using Servers.Vfs.Linux;

namespace Servers.Vfs.Pipes;

/// <summary>The inode of a pipe without a name. Through /proc/PID/fd (and /dev/stdout) it can be opened again, as a fifo.</summary>
public sealed class PipeInode(FileSystem fileSystem, ulong number, uint mode, Pipe pipe) : Inode(fileSystem, number, mode)
{
    /// <inheritdoc/>
    public override Errno Open(in OpenRequest request, out OpenFile? file) => FifoFile.Open(request, this, pipe, out file);
}
