using System.Text;
using Libsys.Abi;

namespace Microkernel.Image.Root;

/// <summary>
/// Writes entries as an initramfs for Linux: a cpio archive in the "newc" format, Documentation/driver-api/early-userspace/buffer-format of Linux.
/// Device nodes are entries like any other, so no privilege is needed. System entries are left out.
/// </summary>
public static class CpioWriter
{
    private const string Trailer = "TRAILER!!!";

    // Without an entry for it, Linux leaves the root directory to all with mode 1777, as tmpfs makes it.
    private static readonly RootEntry Root = new(".", BootArchive.Directory | 0x1ed, default); // 0755

    /// <summary>Archive of <paramref name="entries"/>; parents must precede their children.</summary>
    public static byte[] Write(IReadOnlyList<RootEntry> entries)
    {
        var archive = new MemoryStream();
        List<RootEntry> visible = [.. entries.Where(entry => !entry.IsSystem)];
        Dictionary<string, int> inodes = visible.Select((entry, index) => (entry, index)).Where(pair => pair.entry.HardLinkTo is null)
            .ToDictionary(pair => pair.entry.Path, pair => pair.index + 1);
        ILookup<string, RootEntry> furtherNames = visible.Where(entry => entry.HardLinkTo is not null).ToLookup(entry => entry.HardLinkTo!);

        WriteEntry(archive, Root.Path, Root.Mode, visible.Count + 1, LinkCount(Root, 1), Root.Device, default);
        foreach (RootEntry entry in visible.Where(entry => entry.HardLinkTo is null && !furtherNames.Contains(entry.Path)))
            WriteEntry(archive, entry.Path, entry.Mode, inodes[entry.Path], LinkCount(entry, 1), entry.Device, entry.Content.Span);

        // Files with several names come last, when all their directories exist. The content goes with the last name, as cpio -o writes it;
        // Linux links the names by inode number.
        foreach (RootEntry entry in visible.Where(entry => furtherNames.Contains(entry.Path)))
        {
            List<RootEntry> names = [.. furtherNames[entry.Path], entry];
            foreach (RootEntry name in names)
            {
                ReadOnlySpan<byte> content = ReferenceEquals(name, entry) ? entry.Content.Span : default;
                WriteEntry(archive, name.Path, name.Mode, inodes[entry.Path], LinkCount(entry, names.Count), entry.Device, content);
            }
        }

        WriteEntry(archive, Trailer, 0, 0, 1, default, default);
        return archive.ToArray();
    }

    private static int LinkCount(RootEntry entry, int names) => entry.Type == BootArchive.Directory ? 2 : names;

    private static void WriteEntry(
        MemoryStream archive, string path, uint mode, int inode, int links, DeviceNumber device, ReadOnlySpan<byte> content)
    {
        byte[] name = Encoding.UTF8.GetBytes(path + '\0');
        ulong modified = path == Trailer ? 0 : RootEntry.ModifiedSeconds;
        string header = $"070701{inode:x8}{mode:x8}{0:x8}{0:x8}{links:x8}{modified:x8}{content.Length:x8}"
            + $"{0:x8}{0:x8}{device.Major:x8}{device.Minor:x8}{name.Length:x8}{0:x8}";
        archive.Write(Encoding.ASCII.GetBytes(header));
        archive.Write(name);
        Pad(archive);
        archive.Write(content);
        Pad(archive);
    }

    private static void Pad(MemoryStream archive)
    {
        while (archive.Length % 4 != 0)
            archive.WriteByte(0);
    }
}
