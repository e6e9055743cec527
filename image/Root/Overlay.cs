using System.Globalization;
using System.Text;
using Libsys.Abi;
using Microkernel.Image.Roots;

namespace Microkernel.Image.Root;

/// <summary>
/// Adds the files of a directory of the build machine: types, permission bits, device numbers, symbolic links, hard links and extended attributes are kept; all
/// belong to root. Or those of a tar file, with the owners that it names.
/// </summary>
public static class Overlay
{
    private sealed record Found(string Type, uint Permissions, string Inode, string Path, long Length, string Target)
    {
        public int Depth => Path.Count(character => character == '/');

        // Links and directories say where the files go, so they come first.
        public bool IsPlace => Type is "d" or "l";
    }

    /// <summary>Adds everything below a directory, but sockets: <see cref="RootTree.LeftOut"/> names them. Or everything in a tar file.</summary>
    /// <param name="tree">Where to.</param>
    /// <param name="directory">The directory or the tar file.</param>
    /// <param name="scratch">Directory for the content of a tar file, which must stay as long as the tree is used.</param>
    /// <exception cref="ImageException">It is neither, or holds an unreadable file or a name that is not UTF-8, or contradicts the tree.</exception>
    public static void AddTo(RootTree tree, string directory, string? scratch = null)
    {
        if (!Directory.Exists(directory) && !File.Exists(directory))
            throw new ImageException($"OVERLAY={directory} is neither a directory nor a tar file");

        try
        {
            if (Directory.Exists(directory))
            {
                AddDirectory(tree, directory);
                return;
            }

            ArgumentNullException.ThrowIfNull(scratch);
            using var contents = new FileStream(Path.Combine(scratch, "overlay"), FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
            new TarRoot(directory).AddTo(tree, contents);
        }
        catch (ImageException error)
        {
            throw new ImageException($"OVERLAY={directory}: {error.Message}");
        }
    }

    private static void AddDirectory(RootTree tree, string directory)
    {
        List<Found> all =
            [.. Find(directory).OrderBy(found => !found.IsPlace).ThenBy(found => found.Depth).ThenBy(found => found.Path, StringComparer.Ordinal)];
        var contents = all.Where(found => found.Type == "f")
            .ToDictionary(found => found.Path, found => Readable(found.Path, Path.Combine(directory, found.Path), found.Length));
        Dictionary<string, ReadOnlyMemory<byte>> attributes = Attributes(directory, all);
        var names = new Dictionary<string, string>();
        foreach (Found found in all)
            Add(tree, directory, found, names, contents.GetValueOrDefault(found.Path), attributes.GetValueOrDefault(found.Inode));
    }

    // By inode, as tar says them with one of a file's names. GNU tar is the one ordinary tool that reads them.
    private static Dictionary<string, ReadOnlyMemory<byte>> Attributes(string directory, List<Found> all)
    {
        Dictionary<string, ReadOnlyMemory<byte>> byPath = [];
        HostCommand.Read("tar", [.. DirectoryRoot.TarArguments(directory), "."], pipe => byPath = TarReader.ReadAttributes(pipe));
        return all.Where(found => byPath.ContainsKey(found.Path)).DistinctBy(found => found.Inode)
            .ToDictionary(found => found.Inode, found => byPath[found.Path]);
    }

    // find tells file types and inode numbers, which .NET does not. Each entry is two strings, so that any name can follow the fields.
    private static IEnumerable<Found> Find(string directory)
    {
        string[] fields = HostCommand.Output("find", directory + "/", "-mindepth", "1", "-printf", "%y\\t%m\\t%D:%i\\t%s\\t%P\\0%l\\0").Split('\0');
        for (int index = 0; index + 1 < fields.Length; index += 2)
        {
            string[] parts = fields[index].Split('\t', 5);
            (string path, string target) = (parts[4], fields[index + 1]);
            if (path.Contains('\ufffd') || target.Contains('\ufffd'))
                throw new ImageException($"the name or target of {path} is not UTF-8");
            yield return new Found(parts[0], Convert.ToUInt32(parts[1], 8), parts[2], path, long.Parse(parts[3], CultureInfo.InvariantCulture), target);
        }
    }

    private static void Add(
        RootTree tree, string directory, Found found, Dictionary<string, string> names, RootContent content, ReadOnlyMemory<byte> attributes)
    {
        if (found.Type == "s")
            tree.LeftOut.Add($"OVERLAY={directory}: {found.Path} is a socket and is left out");
        else if (!names.TryAdd(found.Inode, found.Path))
            tree.Add(new RootEntry(found.Path, 0, default, HardLinkTo: names[found.Inode]));
        else
            tree.Add(Entry(directory, found, content) with { Attributes = attributes });
    }

    private static RootEntry Entry(string directory, Found found, RootContent content) => found.Type switch
    {
        "d" => new RootEntry(found.Path, BootArchive.Directory | found.Permissions, default),
        "f" => new RootEntry(found.Path, BootArchive.RegularFile | found.Permissions, content),
        "l" => new RootEntry(found.Path, BootArchive.SymbolicLink | 0x1ff, Encoding.UTF8.GetBytes(found.Target)),
        "p" => new RootEntry(found.Path, BootArchive.Fifo | found.Permissions, default),
        "b" or "c" => new RootEntry(found.Path, TypeBits(found) | found.Permissions, default, NumberOf(Path.Combine(directory, found.Path))),
        _ => throw new ImageException($"{found.Path} is of a type that no root file system has ({found.Type})"),
    };

    private static uint TypeBits(Found found) => found.Type == "c" ? BootArchive.CharacterDevice : BootArchive.BlockDevice;

    // find does not tell device numbers.
    private static DeviceNumber NumberOf(string file)
    {
        string[] numbers = HostCommand.Output("stat", "-c", "%t %T", file).Trim().Split(' ');
        return new DeviceNumber(Convert.ToUInt32(numbers[0], 16), Convert.ToUInt32(numbers[1], 16));
    }

    private static RootContent Readable(string path, string file, long length)
    {
        try
        {
            using FileStream readable = File.OpenRead(file);
            return RootContent.Range(file, 0, length);
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            throw new ImageException($"{path} cannot be read: {error.Message}");
        }
    }
}
