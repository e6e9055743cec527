using Servers.Vfs.Objects;

namespace Servers.Vfs.Tmpfs;

/// <summary>The content of a devtmpfs: nodes for all devices, and the links that programs expect in /dev.</summary>
public static class DeviceTree
{
    private const uint Everyone = 0x1B6, OwnerOnly = 0x180, OwnerAndGroup = 0x190;
    private static readonly (string Name, uint Permissions, uint Major, uint Minor)[] Nodes =
    [
        ("null", Everyone, 1, 3), ("zero", Everyone, 1, 5), ("full", Everyone, 1, 7), ("random", Everyone, 1, 8), ("urandom", Everyone, 1, 9),
        ("tty", Everyone, 5, 0), ("ptmx", Everyone, 5, 2),
        ("console", OwnerOnly, 5, 1), ("ttyS0", OwnerAndGroup, 4, 64), ("ttyS1", OwnerAndGroup, 4, 65), ("ttyS2", OwnerAndGroup, 4, 66),
    ];

    private static readonly (string Name, string Text)[] Links =
        [("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"), ("stderr", "/proc/self/fd/2")];

    /// <summary>Fills an empty file system.</summary>
    public static void Fill(TmpfsFileSystem fileSystem)
    {
        var root = (TmpfsDirectory)fileSystem.Root.Inode;
        var context = new ImmediateContext();
        foreach ((string name, uint permissions, uint major, uint minor) in Nodes)
        {
            root.Create(
                context, fileSystem.Root, System.Text.Encoding.ASCII.GetBytes(name), InodeMode.Character | permissions, DeviceNumber.Make(major, minor), out _);
        }

        foreach ((string name, string text) in Links)
            root.SymbolicLink(context, fileSystem.Root, System.Text.Encoding.ASCII.GetBytes(name), System.Text.Encoding.ASCII.GetBytes(text));
        foreach (string name in (string[])["shm", "pts"])
            root.MakeDirectory(context, fileSystem.Root, System.Text.Encoding.ASCII.GetBytes(name), 0x1ED, out _);
    }
}
