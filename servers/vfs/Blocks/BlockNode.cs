using Servers.Vfs.Devices;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Blocks;

/// <summary>A block device as its node opens it.</summary>
public sealed class BlockNode(BlockDevice device) : IDevice
{
    /// <inheritdoc/>
    public Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = new BlockFile(request.Location, request.Flags, device);
        return Errno.None;
    }
}
