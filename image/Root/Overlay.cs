using System.Globalization;
using Libsys.Abi;

namespace Microkernel.Image.Root;

/// <summary>
/// Adds the files of a directory of the build machine: types, permission bits, device numbers, symbolic links and hard links are kept; all belong to root.
/// </summary>
public static class Overlay
{
    private sealed record Found(string Type, uint Permissions, string Inode, string Path, long Length, string Target)
    {
        public int Depth => Path.Count(character => character == '/');

        // Links and directories say where the files go, so they come first.
        public bool IsPlace => Type is "d" or "l";
    }

    /// <summary>Adds everything below <paramref name="directory"/>, but sockets: <see cref="RootTree.LeftOut"/> names them.</summary>
    /// <exception cref="ImageException">It is not a directory, or holds an unreadable file or a name that is not UTF-8, or contradicts the tree.</exception>
    public static void AddTo(RootTree tree, string directory)
    {
        if (!Directory.Exists(directory))
            throw new ImageException($"OVERLAY={directory} is not a directory");

        try
        {
            var names = new Dictionary<string, string>();
            foreach (Found found in Find(directory).OrderBy(found => !found.IsPlace).ThenBy(found => found.Depth).ThenBy(found => found.Path,
                StringComparer.Ordinal))
                Add(tree, directory, found, names);
        }
        catch (ImageException error)
        {
            throw new ImageException($"OVERLAY={directory}: {error.Message}");
        }
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

    private static void Add(RootTree tree, string directory, Found found, Dictionary<string, string> names)
    {
        string file = Path.Combine(directory, found.Path);
        if (found.Type == "d")
            tree.AddDirectory(found.Path, found.Permissions);
        else if (found.Type == "s")
            tree.LeftOut.Add($"OVERLAY={directory}: {found.Path} is a socket and is left out");
        else if (!names.TryAdd(found.Inode, found.Path))
            tree.Add(new RootEntry(found.Path, 0, default, HardLinkTo: names[found.Inode]));
        else if (found.Type == "l")
            tree.AddSymbolicLink(found.Path, found.Target);
        else if (found.Type == "f")
            tree.AddFile(found.Path, found.Permissions, Readable(found.Path, file, found.Length));
        else
            tree.Add(new RootEntry(found.Path, TypeBits(found) | found.Permissions, default, found.Type == "p" ? default : NumberOf(file)));
    }

    private static uint TypeBits(Found found) => found.Type switch
    {
        "p" => BootArchive.Fifo,
        "c" => BootArchive.CharacterDevice,
        "b" => BootArchive.BlockDevice,
        _ => throw new ImageException($"{found.Path} is of a type that no root file system has ({found.Type})"),
    };

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
