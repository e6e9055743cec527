using Servers.Vfs.Devices;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Served;

/// <summary>
/// A character device that another server owns. vfs has its name: node, permissions, the open file description with its flags, and with it everything that
/// concerns names. Data, readiness and ioctl are that server's.
/// </summary>
/// <param name="number">Device number.</param>
/// <param name="server">Its server.</param>
public sealed class ServedDevice(uint number, DeviceServer server) : IDevice
{
    /// <summary>Device number.</summary>
    public uint Number => number;

    /// <summary>Its server.</summary>
    public DeviceServer Server => server;

    /// <inheritdoc/>
    public Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = null;
        if (server.Number == 0 || server.Ledger is not { } ledger)
            return Errno.ENXIO;
        if (!ledger.TryAddFile(request.Flags & OpenFlags.Kept, request.Context.Credentials.IsPrivileged, out ulong description))
            return Errno.ENFILE;
        file = new ServedFile(request.Location, request.Flags, this, ledger, description);
        return Errno.None;
    }
}
