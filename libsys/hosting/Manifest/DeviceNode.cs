using System.Globalization;
using MessagePack;

namespace Libsys.Hosting.Manifest;

/// <summary>A character device that a server owns.</summary>
/// <param name="Name">Name in /dev.</param>
/// <param name="Major">Major number.</param>
/// <param name="Minor">Minor number.</param>
/// <param name="Permissions">Permission bits of the node, which is root's.</param>
public sealed record DeviceNode(string Name, int Major, int Minor, int Permissions)
{
    /// <summary>What Linux' numbers of devices have room for: 12 bits.</summary>
    public const int HighestMajor = 0xfff;

    private const int HighestPermissions = 0x1ff, LongestName = 32;

    /// <summary>True for names that are one name of a file and no part of the text of <see cref="OwnedDevice"/>.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= LongestName && name.All(sign => char.IsAsciiLetterOrDigit(sign) || sign is '-' or '_' or '.') && name[0] != '.';

    internal void Write(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(4);
        writer.Write(Name);
        writer.Write(Major);
        writer.Write(Minor);
        writer.Write(Permissions);
    }

    internal static DeviceNode Read(ref MessagePackReader reader)
    {
        ManifestFormat.ExpectArray(ref reader, 4, "device");
        string name = ManifestFormat.ReadText(ref reader, "device name");
        if (!IsName(name))
            throw new ManifestException($"{name} is no name of a device");
        int major = ManifestFormat.ReadInt32(ref reader, 1, HighestMajor, "major number");
        int minor = ManifestFormat.ReadInt32(ref reader, 0, 0xffff, "minor number");
        return new DeviceNode(name, major, minor, ManifestFormat.ReadInt32(ref reader, 0, HighestPermissions, "permissions"));
    }
}

/// <summary>A device and its owner, as whoever makes the nodes is told (<see cref="Messages.StartSetting.Devices"/>).</summary>
/// <param name="Owner">The server's name.</param>
/// <param name="Node">The device.</param>
public sealed record OwnedDevice(string Owner, DeviceNode Node)
{
    /// <summary>The text for all servers.</summary>
    public static string Write(IEnumerable<ServerDescription> servers) => string.Join(' ', servers.SelectMany(server => (server.Devices ?? []).Select(
        node => string.Create(CultureInfo.InvariantCulture, $"{server.Name}:{node.Name}:{node.Major}:{node.Minor}:{node.Permissions}"))));

    /// <summary>Reads it.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static IReadOnlyList<OwnedDevice> Read(string text)
    {
        var devices = new List<OwnedDevice>();
        foreach (string device in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = device.Split(':');
            if (parts.Length != 5 || !int.TryParse(parts[2], out int major) || !int.TryParse(parts[3], out int minor) || !int.TryParse(parts[4], out int mode))
                throw new InvalidDataException($"\"{device}\" is no device");
            devices.Add(new OwnedDevice(parts[0], new DeviceNode(parts[1], major, minor, mode)));
        }

        return devices;
    }
}
