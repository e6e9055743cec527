using Servers.Vfs.Devices;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Blocks;

/// <summary>A block device as its node opens it.</summary>
public sealed class BlockNode(BlockDevice device) : IDevice
{
    /// <inheritdoc/>
    public Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = null;
        // O_EXCL without O_CREAT: nobody else may want it for himself, open(2).
        if ((request.Flags & OpenFlags.Exclusive) != 0 && !device.MayBeHeld)
            return Errno.EBUSY;
        file = new BlockFile(request.Location, request.Flags, device);
        return Errno.None;
    }
}
