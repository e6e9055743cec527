using System.Diagnostics.CodeAnalysis;
using Servers.Vfs.Blocks;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Requests;

/// <summary>
/// Whom sync(2) has still to ask: the file systems that were mounted when it began, then the block devices that somebody had, whose nodes have pages that are
/// no file system's. In this order, as on Linux: a file system's writing may leave something in the pages of its device.
/// </summary>
internal sealed class SyncProgress
{
    private readonly Queue<FileSystem> fileSystems = new();
    private readonly Queue<BlockDevice> devices = new();

    /// <summary>All that there are now.</summary>
    public SyncProgress(MountTree mounts, BlockDevices disks)
    {
        foreach (Mount mount in mounts.All)
        {
            if (!fileSystems.Contains(mount.FileSystem))
                fileSystems.Enqueue(mount.FileSystem);
        }

        foreach (BlockDevice device in disks.All)
        {
            if (device.Users > 0 || device.Content.IsDirty)
                devices.Enqueue(device);
        }
    }

    /// <summary>What the one that is asked keeps while it waits.</summary>
    public object? Inner { get; set; }

    /// <summary>Who is next, one of the two; false: nobody is left.</summary>
    public bool TryNext([NotNullWhen(true)] out FileSystem? fileSystem, [NotNullWhen(true)] out BlockDevice? device)
    {
        device = null;
        return fileSystems.TryPeek(out fileSystem) | (fileSystem == null && devices.TryPeek(out device));
    }

    /// <summary>The one that was next has done it, or has failed.</summary>
    public void Done()
    {
        Inner = null;
        if (!fileSystems.TryDequeue(out _))
            devices.Dequeue();
    }
}
