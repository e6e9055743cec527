using System.Globalization;
using System.Text;
using Servers.Vfs.Blocks;

namespace Servers.Vfs.Proc;

/// <summary>/proc/partitions and /proc/diskstats, proc(5).</summary>
internal static class BlockText
{
    private const int SectorsOfBlock = 2; // 1 KiB

    /// <summary>/proc/partitions.</summary>
    public static string Partitions(BlockDevices devices)
    {
        var text = new StringBuilder("major minor  #blocks  name\n\n");
        foreach (BlockDevice device in devices.All)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"{DeviceNumber.Major(device.Number),4}  {DeviceNumber.Minor(device.Number),7} {device.Sectors / SectorsOfBlock,10} {device.Name}\n");
        }

        return text.ToString();
    }

    /// <summary>/proc/diskstats.</summary>
    public static string Statistics(BlockDevices devices)
    {
        var text = new StringBuilder();
        foreach (BlockDevice device in devices.All)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"{DeviceNumber.Major(device.Number),4} {DeviceNumber.Minor(device.Number),7} {device.Name} {string.Join(' ', device.Statistics.Fields)}\n");
        }

        return text.ToString();
    }
}
