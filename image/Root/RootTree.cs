using System.Text;
using Libsys.Abi;

namespace Microkernel.Image.Root;

/// <summary>
/// The entries of an image by path. Adding a path again replaces it; directories that are not named are added with mode 0755. No privilege is needed
/// to build it, because nothing is unpacked on the host.
/// </summary>
/// <remarks>
/// What is added goes where the links of the tree lead, as it would on the system itself: a file added as bin/x lies in usr/bin when bin is a link to
/// it. A directory that is added over a link to a directory is that directory. A link that is added over a directory takes its place, and what was
/// in the directory moves to where the link leads, see <see cref="DirectoryMerge"/>.
/// </remarks>
public sealed class RootTree
{
    private const uint DefaultDirectoryMode = BootArchive.Directory | 0x1ed; // 0755

    // Names of one file share one entry, so that it does not matter which of them is replaced or moved later. The key is the path, not RootEntry.Path.
    private readonly Dictionary<string, RootEntry> entries = [];
    private readonly Dictionary<string, RootEntry> systemEntries = [];
    private readonly PathResolver resolver;

    /// <summary>An empty tree.</summary>
    public RootTree() => resolver = new PathResolver(Find);

    /// <summary>
    /// System entries, then the root file system; each sorted so that parents precede their children. The first name of a file holds the content, the others
    /// are hard links to it.
    /// </summary>
    public IReadOnlyList<RootEntry> Entries => [.. systemEntries.Values.OrderBy(entry => entry.Path, PathOrder.Instance), .. Named()];

    /// <summary>What was left out of the tree and why, a sentence each.</summary>
    public List<string> LeftOut { get; } = [];

    /// <summary>Adds a directory.</summary>
    public void AddDirectory(string path, uint permissions = 0x1ed) => Add(new RootEntry(path, BootArchive.Directory | permissions, default));

    /// <summary>Adds a regular file.</summary>
    public void AddFile(string path, uint permissions, RootContent content) =>
        Add(new RootEntry(path, BootArchive.RegularFile | permissions, content));

    /// <summary>Adds a symbolic link. Linux gives every symbolic link the mode 0777, symlink(7).</summary>
    public void AddSymbolicLink(string path, string target) =>
        Add(new RootEntry(path, BootArchive.SymbolicLink | 0x1ff, Encoding.UTF8.GetBytes(target)));

    /// <summary>Adds a character device node.</summary>
    public void AddCharacterDevice(string path, uint permissions, uint major, uint minor) =>
        Add(new RootEntry(path, BootArchive.CharacterDevice | permissions, default, new DeviceNumber(major, minor)));

    /// <summary>Adds a file that only the boot sees.</summary>
    public void AddSystemFile(string name, RootContent content) =>
        systemEntries[name] = new RootEntry(name, BootArchive.RegularFile | 0x100, content, IsSystem: true);

    /// <summary>Adds an entry of the root file system and the directories above it.</summary>
    /// <exception cref="ImageException">
    /// The name is not one of a file, a directory above it is something else, a directory would be replaced by a file, or what a hard link names is not there.
    /// </exception>
    public void Add(RootEntry entry)
    {
        if (!BootArchivePath.IsWellFormed(Encoding.UTF8.GetBytes(entry.Path)))
            throw new ImageException($"{entry.Path} is not the name of a file below the root");
        string path = Place(entry.Path);
        RootEntry? old = Find(path);
        if (entry.HardLinkTo is string first)
        {
            RootEntry file = Find(Place(first)) ?? throw new ImageException($"/{entry.Path} is a hard link to /{first}, which is not there");
            entry = file.Type == BootArchive.Directory ? throw new ImageException($"/{entry.Path} is a hard link to /{first}, which is a directory") : file;
        }

        if (old?.Type == BootArchive.SymbolicLink && entry.Type == BootArchive.Directory)
            AddDirectoryOverLink(path, old, entry);
        else if (old?.Type == BootArchive.Directory && entry.Type == BootArchive.SymbolicLink)
            DirectoryMerge.ReplaceByLink(this, path, entry);
        else if (old?.Type == BootArchive.Directory && entry.Type != BootArchive.Directory)
            throw new ImageException($"/{path} is a directory in the root file system and cannot be replaced by a file");
        else
            entries[path] = entry;
    }

    /// <summary>The entry at <paramref name="path"/> of the root file system, or null. Links above it are not followed.</summary>
    public RootEntry? Find(string path) => entries.GetValueOrDefault(path);

    /// <summary>Where <paramref name="path"/> leads to when all links are followed; null when a part of it is missing.</summary>
    /// <exception cref="ImageException">The links form a circle, or a part is no directory.</exception>
    public string? Resolve(string path) => resolver.Resolve(path, followLast: true, missing: _ => false);

    /// <summary>Paths of what lies in the directory and below it, parents first.</summary>
    internal IReadOnlyList<string> Below(string directory) =>
        [.. entries.Keys.Where(path => path.Length > directory.Length && path[directory.Length] == '/' && path.StartsWith(directory, StringComparison.Ordinal))
            .Order(PathOrder.Instance)];

    /// <summary>Removes one name.</summary>
    internal void Remove(string path) => entries.Remove(path);

    /// <summary>Puts an entry exactly there; the same entry at several paths is a file with several names.</summary>
    internal void Put(string path, RootEntry entry) => entries[path] = entry;

    /// <summary>Where the links lead to; directories that are missing on the way are made.</summary>
    internal string MakeDirectories(string path) => resolver.Resolve(path, followLast: true, MakeDirectory)!;

    /// <summary>Where a name lies when the links above it are followed; directories that are missing on the way are made.</summary>
    internal string Place(string path) => resolver.Resolve(path, followLast: false, MakeDirectory)!;

    private bool MakeDirectory(string path)
    {
        entries[path] = new RootEntry(path, DefaultDirectoryMode, default);
        return true;
    }

    // The mode of what the link leads to stays as it is, as with dpkg and tar --keep-directory-symlink. A link into nothing gets the directory there.
    private void AddDirectoryOverLink(string path, RootEntry link, RootEntry directory)
    {
        string? target = Resolve(path);
        if (target is null)
        {
            target = MakeDirectories(path);
            entries[target] = directory with { Path = target };
        }
        else if (Find(target)!.Type != BootArchive.Directory)
        {
            throw new ImageException($"/{path} is a link to {link.Target} in the root file system, which is no directory, and cannot become a directory");
        }
    }

    private IEnumerable<RootEntry> Named()
    {
        var firstNames = new Dictionary<RootEntry, string>(ReferenceEqualityComparer.Instance);
        foreach ((string path, RootEntry entry) in entries.OrderBy(pair => pair.Key, PathOrder.Instance))
        {
            if (firstNames.TryAdd(entry, path))
                yield return entry.Path == path ? entry : entry with { Path = path };
            else
                yield return entry with { Path = path, Content = default, HardLinkTo = firstNames[entry], Attributes = default };
        }
    }

    // The order of the boot archive: by the bytes of UTF-8, '/' before every other.
    private sealed class PathOrder : IComparer<string>
    {
        public static readonly PathOrder Instance = new();

        public int Compare(string? left, string? right)
        {
            int shared = Math.Min(left!.Length, right!.Length);
            for (int position = 0; position < shared; position++)
            {
                (char leftChar, char rightChar) = (left[position], right[position]);
                if (leftChar == rightChar)
                    continue;
                if (leftChar == '/' || rightChar == '/')
                    return leftChar == '/' ? -1 : 1;

                // Surrogates stand for characters above all others, but their own numbers do not.
                if (char.IsSurrogate(leftChar) != char.IsSurrogate(rightChar))
                    return char.IsSurrogate(leftChar) ? 1 : -1;
                return leftChar.CompareTo(rightChar);
            }

            return left.Length.CompareTo(right.Length);
        }
    }
}
