using System.Text;
using Libsys.Abi;

namespace Microkernel.Image.Root;

/// <summary>
/// Writes entries as an initramfs for Linux: a cpio archive in the "newc" format, Documentation/driver-api/early-userspace/buffer-format of Linux.
/// Device nodes are entries like any other, so no privilege is needed. System entries are left out, and so are extended attributes, for which the format has no
/// place.
/// </summary>
public sealed class CpioWriter
{
    private const string Trailer = "TRAILER!!!";

    // Without an entry for it, Linux leaves the root directory to all with mode 1777, as tmpfs makes it.
    private static readonly RootEntry Root = new(".", BootArchive.Directory | 0x1ed, default); // 0755

    private readonly Stream archive;
    private long written;

    private CpioWriter(Stream archive) => this.archive = archive;

    /// <summary>Writes an archive of <paramref name="entries"/>; parents must precede their children.</summary>
    public static void Write(IReadOnlyList<RootEntry> entries, Stream archive) => new CpioWriter(archive).Write([.. entries.Where(entry => !entry.IsSystem)]);

    private void Write(List<RootEntry> entries)
    {
        Dictionary<string, int> inodes = entries.Select((entry, index) => (entry, index)).Where(pair => pair.entry.HardLinkTo is null)
            .ToDictionary(pair => pair.entry.Path, pair => pair.index + 1);
        ILookup<string, RootEntry> furtherNames = entries.Where(entry => entry.HardLinkTo is not null).ToLookup(entry => entry.HardLinkTo!);

        WriteEntry(Root, entries.Count + 1, LinkCount(Root, 1), default);
        foreach (RootEntry entry in entries.Where(entry => entry.HardLinkTo is null && !furtherNames.Contains(entry.Path)))
            WriteEntry(entry, inodes[entry.Path], LinkCount(entry, 1), entry.Content);

        // Files with several names come last, when all their directories exist. The content goes with the last name, as cpio -o writes it;
        // Linux links the names by inode number. A symbolic link is made from its target at once, so each of its names has it.
        foreach (RootEntry entry in entries.Where(entry => furtherNames.Contains(entry.Path)))
        {
            List<RootEntry> names = [.. furtherNames[entry.Path], entry];
            foreach (RootEntry name in names)
            {
                bool hasContent = ReferenceEquals(name, entry) || entry.Type == BootArchive.SymbolicLink;
                WriteEntry(name, inodes[entry.Path], LinkCount(entry, names.Count), hasContent ? entry.Content : default);
            }
        }

        WriteRecord(Trailer, $"{0:x8}{0:x8}{0:x8}{0:x8}{1:x8}{0:x8}", default, default);
    }

    private static int LinkCount(RootEntry entry, int names) => entry.Type == BootArchive.Directory ? 2 : names;

    private void WriteEntry(RootEntry entry, int inode, int links, RootContent content) => WriteRecord(
        entry.Path, $"{inode:x8}{entry.Mode:x8}{entry.UserId:x8}{entry.GroupId:x8}{links:x8}{entry.ModifiedSeconds & uint.MaxValue:x8}", content, entry.Device);

    private void WriteRecord(string path, string fields, RootContent content, DeviceNumber device)
    {
        // Eight hexadecimal digits.
        if (content.Length > uint.MaxValue)
            throw new ImageException($"{path} has {content.Length >> 30} GiB; Linux' initramfs takes files below 4 GiB");
        byte[] name = Encoding.UTF8.GetBytes(path + '\0');
        byte[] header = Encoding.ASCII.GetBytes($"070701{fields}{content.Length:x8}{0:x8}{0:x8}{device.Major:x8}{device.Minor:x8}{name.Length:x8}{0:x8}");
        archive.Write(header);
        archive.Write(name);
        Pad(header.Length + name.Length);
        content.CopyTo(archive);
        Pad(content.Length);
    }

    private void Pad(long length)
    {
        written += length;
        for (; written % 4 != 0; written++)
            archive.WriteByte(0);
    }
}
