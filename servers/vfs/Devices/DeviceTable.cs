using Servers.Vfs.Objects;

namespace Servers.Vfs.Devices;

/// <summary>What device numbers stand for: the nodes of the boot archive, of /dev and of mknod(2) all come here when opened.</summary>
public sealed class DeviceTable
{
    private readonly Dictionary<uint, IDevice> characters = [];
    private readonly Dictionary<uint, IDevice> blocks = [];

    /// <summary>Registers a character device.</summary>
    public void Add(uint major, uint minor, IDevice device) => characters.Add(DeviceNumber.Make(major, minor), device);

    /// <summary>Registers a character device; false if something answers to its number.</summary>
    public bool TryAdd(uint number, IDevice device) => characters.TryAdd(number, device);

    /// <summary>Registers a block device; false if something answers to its number.</summary>
    public bool TryAddBlock(uint number, IDevice device) => blocks.TryAdd(number, device);

    /// <summary>Nothing answers to a block device's number any more.</summary>
    public void RemoveBlock(uint number) => blocks.Remove(number);

    /// <summary>Opens a node: ENXIO if nothing answers to its number, EACCES on a mount with nodev, whatever file system it is in.</summary>
    public Errno Open(in OpenRequest request, Inode node, out OpenFile? file)
    {
        file = null;
        if ((request.Location.Mount.Flags & MountFlags.NoDevices) != 0)
            return Errno.EACCES;
        Dictionary<uint, IDevice> devices = InodeMode.Type(node.Mode) == InodeMode.Block ? blocks : characters;
        return devices.TryGetValue(node.Device, out IDevice? device) ? device.Open(request, out file) : Errno.ENXIO;
    }
}

/// <summary>A device that can be opened.</summary>
public interface IDevice
{
    /// <summary>Opens it through a node.</summary>
    Errno Open(in OpenRequest request, out OpenFile? file);
}
