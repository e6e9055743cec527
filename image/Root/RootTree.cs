using System.Text;
using Libsys.Abi;

namespace Microkernel.Image.Root;

/// <summary>
/// The entries of an image by path. Adding a path again replaces it; directories that are not named are added with mode 0755. Everything belongs
/// to root: no privilege is needed to build it, because nothing is unpacked on the host.
/// </summary>
public sealed class RootTree
{
    private const uint DefaultDirectoryMode = BootArchive.Directory | 0x1ed; // 0755

    private readonly Dictionary<string, RootEntry> entries = [];
    private readonly Dictionary<string, RootEntry> systemEntries = [];

    /// <summary>System entries, then the root file system; each sorted so that parents precede their children.</summary>
    public IReadOnlyList<RootEntry> Entries => [.. Sorted(systemEntries), .. Sorted(entries)];

    /// <summary>Adds a directory.</summary>
    public void AddDirectory(string path, uint permissions = 0x1ed) => Add(new RootEntry(path, BootArchive.Directory | permissions, default));

    /// <summary>Adds a regular file.</summary>
    public void AddFile(string path, uint permissions, ReadOnlyMemory<byte> content) =>
        Add(new RootEntry(path, BootArchive.RegularFile | permissions, content));

    /// <summary>Adds a symbolic link. Linux gives every symbolic link the mode 0777, symlink(7).</summary>
    public void AddSymbolicLink(string path, string target) =>
        Add(new RootEntry(path, BootArchive.SymbolicLink | 0x1ff, Encoding.UTF8.GetBytes(target)));

    /// <summary>Adds a character device node.</summary>
    public void AddCharacterDevice(string path, uint permissions, uint major, uint minor) =>
        Add(new RootEntry(path, BootArchive.CharacterDevice | permissions, default, new DeviceNumber(major, minor)));

    /// <summary>Adds a file that only the boot sees.</summary>
    public void AddSystemFile(string name, ReadOnlyMemory<byte> content) =>
        systemEntries[name] = new RootEntry(name, BootArchive.RegularFile | 0x100, content, IsSystem: true);

    /// <summary>Adds an entry of the root file system and the directories above it.</summary>
    /// <exception cref="ImageException">A directory above it is something else, or a directory with entries would be replaced by something else.</exception>
    public void Add(RootEntry entry)
    {
        AddParents(entry.Path);
        if (entry.Type != BootArchive.Directory && entries.TryGetValue(entry.Path, out RootEntry? old) && old.Type == BootArchive.Directory)
            throw new ImageException($"/{entry.Path} is a directory in the root file system and cannot be replaced by another type of file");
        entries[entry.Path] = entry;
    }

    /// <summary>The entry at <paramref name="path"/> of the root file system, or null.</summary>
    public RootEntry? Find(string path) => entries.GetValueOrDefault(path);

    private void AddParents(string path)
    {
        for (int slash = path.IndexOf('/'); slash >= 0; slash = path.IndexOf('/', slash + 1))
        {
            string parent = path[..slash];
            if (!entries.TryGetValue(parent, out RootEntry? entry))
                entries[parent] = new RootEntry(parent, DefaultDirectoryMode, default);
            else if (entry.Type != BootArchive.Directory)
                throw new ImageException($"/{path} cannot be added: /{parent} is not a directory in the root file system");
        }
    }

    private static IEnumerable<RootEntry> Sorted(Dictionary<string, RootEntry> unsorted) =>
        unsorted.Values.Select(entry => (Name: Encoding.UTF8.GetBytes(entry.Path), Entry: entry))
            .Order(Comparer<(byte[] Name, RootEntry Entry)>.Create((left, right) => BootArchivePath.Compare(left.Name, right.Name)))
            .Select(pair => pair.Entry);
}
