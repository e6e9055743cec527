using Libsys.Linux;
using Libsys.Messages;
using Servers.Vfs.Overlay;
using Servers.Vfs.Tests.Ext4;

namespace Servers.Vfs.Tests.Overlay;

/// <summary>Where the layers of a test lie.</summary>
public enum LayerPlace
{
    /// <summary>All in one tmpfs.</summary>
    Memory,

    /// <summary>All on one ext4, whose disk is slow.</summary>
    Disk,

    /// <summary>Those below in tmpfs, the upper one on ext4.</summary>
    DiskAbove,

    /// <summary>Those below on ext4, the upper one in tmpfs.</summary>
    DiskBelow,
}

/// <summary>A vfs with layers and an overlay of them at /o: two below, and one that is written.</summary>
internal sealed class OverlaySystem
{
    private readonly string above, below;

    public OverlaySystem(LayerPlace place, int seed = 1, bool isAtOnce = false)
    {
        Disk = new Ext4System(HostTools.MakeImage("-t ext4 -b 1024", 24576), seed, slots: 700, isAtOnce: isAtOnce);
        // Few names, so that they are forgotten all the time.
        Disk.System.Types.Add(new OverlayType(Disk.System.Mounts, Disk.System.Clock, Log.Add) { CachedNames = 8 });
        Assert.Equal(0, Disk.Mount(flags: 0));
        above = place is LayerPlace.Disk or LayerPlace.DiskAbove ? "/m" : "";
        below = place is LayerPlace.Disk or LayerPlace.DiskBelow ? "/m" : "";
        foreach (string directory in (string[])["/o", Upper, Work, First, Second])
            Assert.Equal(0, Client.MakeDirectory(directory));
    }

    public Ext4System Disk { get; }

    public TestClient Client => Disk.Client;

    public List<string> Log { get; } = [];

    public string Upper => above + "/upper";

    public string Work => above + "/work";

    /// <summary>The upper one of the two below.</summary>
    public string First => below + "/first";

    public string Second => below + "/second";

    public string Options => $"lowerdir={First}:{Second},upperdir={Upper},workdir={Work}";

    public long Mount(string? options = null, uint flags = 0, string place = "/o")
    {
        byte[][] parts = [TestClient.Bytes("none"), TestClient.Bytes(place), TestClient.Bytes("overlay"), TestClient.Bytes(options ?? Options)];
        return Client.Call(VfsOperation.Mount, parts.SelectMany(static part => part).ToArray(), a0: flags, a1: (ulong)parts[0].Length,
            a2: (ulong)parts[1].Length, a3: (ulong)parts[2].Length, a4: (ulong)parts[3].Length);
    }

    public long Unmount(string place = "/o") => Client.Call(VfsOperation.Unmount, TestClient.Bytes(place));

    /// <summary>Names in a directory, sorted.</summary>
    public string Names(string path) =>
        string.Join(' ', Client.List(path).Where(static name => name is not ("." or ".." or "lost+found")).Order(StringComparer.Ordinal));

    /// <summary>Everything below a directory as a text: types, permissions, contents; whiteouts as W.</summary>
    public string Describe(string path, int depth = 0)
    {
        var text = new System.Text.StringBuilder();
        foreach (string name in Names(path).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            string child = $"{path}/{name}";
            Assert.Equal(0, Client.Stat(child, out TestStat stat, follow: false));
            string content = InodeMode.Type(stat.Mode) switch
            {
                InodeMode.Regular => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(Disk.ReadAll(child)))[..12] + " " + stat.Size,
                InodeMode.SymbolicLink => Client.ReadLink(child, out string target) > 0 ? target : "?",
                InodeMode.Character => "W",
                _ => "",
            };
            string links = InodeMode.Type(stat.Mode) == InodeMode.Directory ? "" : stat.Links.ToString(System.Globalization.CultureInfo.InvariantCulture);
            text.AppendLine($"{new string(' ', depth)}{name} {Convert.ToString(stat.Mode, 8)} {links} {content}");
            if (InodeMode.Type(stat.Mode) == InodeMode.Directory)
                text.Append(Describe(child, depth + 1));
        }

        return text.ToString();
    }
}
