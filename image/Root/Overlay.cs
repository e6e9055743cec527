using System.Globalization;
using Libsys.Abi;

namespace Microkernel.Image.Root;

/// <summary>Adds the files of a directory of the build machine: types, permission bits, symbolic links and hard links are kept; all belong to root.</summary>
public static class Overlay
{
    /// <summary>Adds everything below <paramref name="directory"/>.</summary>
    /// <exception cref="ImageException">It is not a directory, or holds a socket, a device, an unreadable file or a name that is not UTF-8.</exception>
    public static void AddTo(RootTree tree, string directory)
    {
        if (!Directory.Exists(directory))
            throw new ImageException($"OVERLAY={directory} is not a directory");

        // find tells file types and inode numbers, which .NET does not. Each entry is two strings, so that any name can follow the fields.
        string[] fields = HostCommand.Output("find", directory + "/", "-mindepth", "1", "-printf", "%y\\t%m\\t%D:%i\\t%P\\0%l\\0").Split('\0');
        var names = new Dictionary<string, string>();
        for (int index = 0; index + 1 < fields.Length; index += 2)
            AddEntry(tree, directory, fields[index].Split('\t', 4), fields[index + 1], names);
    }

    private static void AddEntry(RootTree tree, string directory, string[] fields, string target, Dictionary<string, string> names)
    {
        (string type, string inode, string path) = (fields[0], fields[2], fields[3]);
        if (path.Contains('\ufffd') || target.Contains('\ufffd'))
            throw new ImageException($"OVERLAY={directory}: the name or target of {path} is not UTF-8");

        uint permissions = Convert.ToUInt32(fields[1], 8);
        switch (type)
        {
            case "d":
                tree.AddDirectory(path, permissions);
                break;
            case "l":
                tree.AddSymbolicLink(path, target);
                break;
            case "p":
                tree.Add(new RootEntry(path, BootArchive.Fifo | permissions, default));
                break;
            case "f" when names.TryGetValue(inode, out string? first):
                tree.Add(new RootEntry(path, BootArchive.RegularFile | permissions, default, HardLinkTo: first));
                break;
            case "f":
                names[inode] = path;
                tree.AddFile(path, permissions, Read(directory, path));
                break;
            default:
                throw new ImageException(string.Format(CultureInfo.InvariantCulture, "OVERLAY={0}: {1} is a socket or a device; only files, directories, links and fifos are taken", directory, path));
        }
    }

    private static byte[] Read(string directory, string path)
    {
        try
        {
            return File.ReadAllBytes(Path.Combine(directory, path));
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            throw new ImageException($"OVERLAY={directory}: {path} cannot be read: {error.Message}");
        }
    }
}
