using System.Globalization;
using System.Text;
using Libsys.Abi;
using Microkernel.Image.Root;

namespace Microkernel.Image.Roots;

/// <summary>
/// Makes an ext4 of a tree without rights on the host: mke2fs copies names and contents from a directory, and debugfs sets what only root could give files
/// of the host (owners, devices, attributes). Both are of e2fsprogs.
/// </summary>
internal static class Ext4Image
{
    // Room for what the machine writes. Nothing of it takes room on the host: the file is sparse.
    private const long LeastLength = 1L << 30;
    private const long Step = 1L << 20;

    private const int BlockLength = 4096;

    /// <summary>Makes the image.</summary>
    /// <param name="entries">What it holds, parents first.</param>
    /// <param name="scratch">An empty directory, for this only.</param>
    /// <param name="note">Gets a sentence for each entry that is left out.</param>
    /// <returns>The file, below <paramref name="scratch"/>.</returns>
    /// <exception cref="ImageException">A tool fails.</exception>
    public static string Make(IReadOnlyList<RootEntry> entries, string scratch, Action<string> note)
    {
        string tree = Path.Combine(scratch, "tree"), image = Path.Combine(scratch, "image");
        Directory.CreateDirectory(tree);
        using var commands = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        long length = 0;
        int attributes = 0;
        foreach (RootEntry entry in entries)
        {
            if (entry.Path.Contains('\n'))
            {
                note($"/{entry.Path.Replace("\n", "\\n")} has a line break in its name, which debugfs does not take, and is left out");
                continue;
            }

            Place(entry, tree, commands);
            length += (entry.Content.Length + BlockLength - 1) / BlockLength * BlockLength + BlockLength;
            if (entry.HardLinkTo is null)
                SetFields(entry, commands, scratch, ref attributes);
        }

        using (FileStream file = File.Create(image))
            file.SetLength((Math.Max(LeastLength, 2 * length) + Step - 1) / Step * Step);
        HostCommand.Output(Tool("mke2fs"), "-q", "-F", "-t", "ext4", "-b", BlockLength.ToString(CultureInfo.InvariantCulture), "-m", "0", "-L", "root",
            "-E", "root_owner=0:0", "-d", tree, image);
        string script = Path.Combine(scratch, "commands");
        File.WriteAllText(script, commands.ToString());
        // Whatever it complains of, its status is 0; the first line is its version.
        string[] lines = HostCommand.Errors(Tool("debugfs"), "-w", "-f", script, image);
        string[] complaints = [.. lines.Where(line => !line.StartsWith("debugfs ", StringComparison.Ordinal))];
        if (complaints.Length > 0)
            throw new ImageException($"debugfs: {complaints[0]}");
        HostCommand.Output(Tool("e2fsck"), "-f", "-n", image);
        return image;
    }

    // Modes on the host are those that its user can read whatever the tree's are.
    private static void Place(RootEntry entry, string tree, StringWriter commands)
    {
        string path = Path.Combine(tree, entry.Path);
        if (entry.HardLinkTo is string first)
        {
            if (File.Exists(Path.Combine(tree, first)))
                HostCommand.Output("ln", "-P", "--", Path.Combine(tree, first), path);
            return;
        }

        switch (entry.Type)
        {
            case BootArchive.Directory:
                Directory.CreateDirectory(path);
                break;
            case BootArchive.SymbolicLink:
                File.CreateSymbolicLink(path, entry.Target);
                break;
            case BootArchive.RegularFile:
                using (FileStream file = File.Create(path))
                    entry.Content.CopyTo(file);
                break;
            default:
                string kind = entry.Type == BootArchive.CharacterDevice ? $"c {entry.Device.Major} {entry.Device.Minor}"
                    : entry.Type == BootArchive.BlockDevice ? $"b {entry.Device.Major} {entry.Device.Minor}" : "p";
                commands.WriteLine($"cd {Quoted(Path.GetDirectoryName(entry.Path)!)}");
                commands.WriteLine($"mknod {Quote(Path.GetFileName(entry.Path))} {kind}");
                break;
        }
    }

    private static void SetFields(RootEntry entry, StringWriter commands, string scratch, ref int attributes)
    {
        string path = Quoted(entry.Path);
        commands.WriteLine($"sif {path} mode 0{Convert.ToString(entry.Mode, 8)}");
        commands.WriteLine($"sif {path} uid {entry.UserId}");
        commands.WriteLine($"sif {path} gid {entry.GroupId}");
        foreach (string time in (string[])["mtime", "atime", "ctime"])
            commands.WriteLine($"sif {path} {time} @{entry.ModifiedSeconds}");
        var walk = new BootArchiveAttributes(entry.Attributes.Span);
        while (walk.MoveNext())
        {
            string value = Path.Combine(scratch, $"value{attributes++}");
            File.WriteAllBytes(value, walk.Value);
            commands.WriteLine($"ea_set -f {Quote(value)} {path} {Quote(Encoding.UTF8.GetString(walk.Name))}");
        }
    }

    private static string Quoted(string path) => Quote("/" + path);

    // Within quotation marks a doubled one stands for itself, and nothing else has a meaning.
    private static string Quote(string text) => $"\"{text.Replace("\"", "\"\"")}\"";

    /// <summary>Where a tool of e2fsprogs is: Debian has them where only root's PATH leads.</summary>
    /// <exception cref="ImageException">It is not installed.</exception>
    public static string Tool(string name) => new[] { "/usr/sbin/", "/sbin/" }.Select(directory => directory + name).FirstOrDefault(File.Exists)
        ?? throw new ImageException($"{name} is missing: an ext4 is made by e2fsprogs");
}
