using System.Text;
using Libsys.Abi;
using Libsys.Hosting.Manifest;
using Servers.Vfs.Devices;
using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Served;

/// <summary>
/// The servers of programs beside vfs and their devices, as the manifest has them: nodes are there from the start, and can be opened once the owner has
/// registered.
/// </summary>
public sealed class DeviceServers
{
    private readonly Dictionary<string, DeviceServer> servers = [];

    /// <summary>
    /// Makes the devices, and a node for each in devtmpfs, whose root is <paramref name="nodes"/>: a root's own /dev has what it came with, as on Linux.
    /// </summary>
    public DeviceServers(IEnumerable<OwnedDevice> owned, DeviceTable devices, Dentry nodes)
    {
        foreach (OwnedDevice device in owned)
        {
            if (!servers.TryGetValue(device.Owner, out DeviceServer? server))
                servers.Add(device.Owner, server = new DeviceServer(device.Owner));
            uint number = DeviceNumber.Make((uint)device.Node.Major, (uint)device.Node.Minor);
            // The build refuses two of one number; a number of vfs' own devices stays theirs.
            if (!devices.TryAdd(number, new ServedDevice(number, server)))
                continue;
            MakeNode(nodes, device.Node, number);
        }
    }

    /// <summary>A server by name; null: it owns no device.</summary>
    public DeviceServer? Find(string name) => servers.GetValueOrDefault(name);

    /// <summary>The process server says what programs know a server as. 0 or −errno.</summary>
    public long Name(string name, ulong number)
    {
        if (number is 0 or >= Window.ProgramServers)
            return Outcome.Of(Errno.EINVAL);
        if (Find(name) is { } server)
            server.Number = (uint)number;
        return 0;
    }

    // A name that vfs' own devices have stays theirs.
    private static void MakeNode(Dentry place, DeviceNode node, uint number)
    {
        byte[] name = Encoding.UTF8.GetBytes(node.Name);
        var context = new ImmediateContext();
        if (place.Inode.Lookup(context, place, name, out _) == Errno.ENOENT)
            place.Inode.Create(context, place, name, InodeMode.Character | (uint)node.Permissions, number, out _);
    }
}
