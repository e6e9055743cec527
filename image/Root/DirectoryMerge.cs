using System.Text;
using Libsys.Abi;

namespace Microkernel.Image.Root;

/// <summary>
/// Makes a symbolic link of a directory and moves what is in it to where the link leads, as Debian's usrmerge makes a link to /usr/bin of /bin. A name
/// that is there already wins when one of the two is a link to the other, or when both are the same; anything else is a contradiction.
/// </summary>
internal static class DirectoryMerge
{
    /// <summary>Replaces the directory at <paramref name="path"/>.</summary>
    /// <exception cref="ImageException">The link leads to itself or to a file, or two different files would have one name.</exception>
    public static void ReplaceByLink(RootTree tree, string path, RootEntry link)
    {
        IReadOnlyList<string> names = tree.Below(path);
        var content = names.ToDictionary(name => name, name => tree.Find(name)!);
        foreach (string name in names)
            tree.Remove(name);
        tree.Put(path, link);

        string target = tree.MakeDirectories(path);
        if (target == path || target.StartsWith(path + "/", StringComparison.Ordinal))
            throw new ImageException($"/{path} cannot become a link to {link.Target}: that leads to itself");
        if (target.Length > 0 && tree.Find(target)!.Type != BootArchive.Directory)
            throw new ImageException($"/{path} is a directory in the root file system and cannot become a link to {link.Target}, which is none");
        foreach (string name in names)
            Move(tree, name, content[name], target.Length == 0 ? name[(path.Length + 1)..] : target + name[path.Length..]);
    }

    private static void Move(RootTree tree, string from, RootEntry entry, string to)
    {
        RootEntry? there = tree.Find(to);
        if (there is null)
            tree.Put(tree.Place(to), entry.Type == BootArchive.SymbolicLink ? Moved(entry, from) : entry);
        else if (there.Type == BootArchive.SymbolicLink && LeadsTo(tree, there, to, from))
            tree.Put(to, entry);
        else if (!AreSame(there, entry) && !(entry.Type == BootArchive.SymbolicLink && LeadsTo(tree, entry, from, to)))
            throw new ImageException($"/{from} and /{to} are different files and would have one name");
    }

    // A relative target that leaves the directory counts from another place now.
    private static RootEntry Moved(RootEntry link, string from) =>
        link.Target.StartsWith("../", StringComparison.Ordinal) ? link with { Content = Encoding.UTF8.GetBytes("/" + TargetOf(link, from)) } : link;

    // True when the link at the path from names the path to, with or without the links that are there now.
    private static bool LeadsTo(RootTree tree, RootEntry link, string from, string to)
    {
        string target = TargetOf(link, from);
        return target == to || tree.Resolve(target) == to;
    }

    private static string TargetOf(RootEntry link, string from)
    {
        string directory = from.Contains('/') ? from[..from.LastIndexOf('/')] : "";
        return Path.GetFullPath(link.Target.StartsWith('/') ? link.Target : $"/{directory}/{link.Target}")[1..];
    }

    private static bool AreSame(RootEntry left, RootEntry right) =>
        ReferenceEquals(left, right)
        || (left.Type == BootArchive.Directory && right.Type == BootArchive.Directory)
        || (left.Mode == right.Mode && left.Device == right.Device && left.Content.Length == right.Content.Length
            && left.Content.ToArray().AsSpan().SequenceEqual(right.Content.ToArray()));
}
