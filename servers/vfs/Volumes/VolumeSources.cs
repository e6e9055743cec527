using Servers.Vfs.Blocks;
using Servers.Vfs.Devices;
using Servers.Vfs.Objects;
using Servers.Vfs.Pages;
using Servers.Vfs.Pipes;

namespace Servers.Vfs.Volumes;

/// <summary>What file systems on devices need of vfs.</summary>
/// <param name="Disks">The devices.</param>
/// <param name="Cache">Pages of files.</param>
/// <param name="Clock">Time.</param>
/// <param name="Devices">What device nodes stand for.</param>
/// <param name="Pipes">Memory for fifos.</param>
/// <param name="Log">Told what is wrong with a file system.</param>
public sealed record VolumeSources(BlockDevices Disks, PageCache Cache, IClock Clock, DeviceTable Devices, PipeMemory Pipes, Action<string> Log)
{
    /// <summary>Names that are kept beside those in use; null: as many as a server has room for.</summary>
    public int? CachedNames { get; init; }

    /// <summary>The same of inodes.</summary>
    public int? CachedInodes { get; init; }
}
