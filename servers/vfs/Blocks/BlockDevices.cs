namespace Servers.Vfs.Blocks;

/// <summary>The disks and partitions that there are, by device number.</summary>
public sealed class BlockDevices
{
    private readonly SortedDictionary<uint, BlockDevice> devices = [];

    /// <summary>All of them: disks in the order of their numbers, each with its parts behind it.</summary>
    public IEnumerable<BlockDevice> All => devices.Values.Where(static device => device.Whole == null).SelectMany(disk => PartsOf(disk).Prepend(disk));

    /// <summary>A device, or null: nothing answers to the number.</summary>
    public BlockDevice? Find(uint number) => devices.GetValueOrDefault(number);

    /// <summary>Parts of a disk, in the order of their numbers.</summary>
    public IEnumerable<BlockDevice> PartsOf(BlockDevice disk) => devices.Values.Where(device => device.Whole == disk);

    /// <summary>A device appears; false if its number is taken.</summary>
    public bool TryAdd(BlockDevice device) => devices.TryAdd(device.Number, device);

    /// <summary>A device is gone.</summary>
    public void Remove(BlockDevice device) => devices.Remove(device.Number);
}
