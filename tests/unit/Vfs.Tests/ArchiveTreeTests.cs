extern alias image;

using System.Text;
using CsCheck;
using Libsys.Abi;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;
using Servers.Vfs.Tmpfs;
using image::Microkernel.Image.Root;

namespace Servers.Vfs.Tests;

/// <summary>The boot archive as the root's first content: directories that are filled on demand show what they would if all were made at start.</summary>
public sealed class ArchiveTreeTests
{
    // Names beside each other in the order of bytes, with '/' among them: "a", "a-b" and "a0" lie around "a/".
    private static readonly string[] Components = ["a", "a-b", "a0", "b", "B", "aa", "-", ".x", "\u00fc"];

    private static readonly Gen<string[]> Files =
        Gen.OneOfConst(Components).Array[1, 4].Select(parts => string.Join('/', parts)).Array[0, 40].Select(paths => paths.Distinct().ToArray());

    private readonly ImmediateContext context = new();

    [Fact]
    public void Any_tree_is_shown_as_it_is_whatever_is_looked_at_first()
    {
        Gen.Select(Files, Gen.Int).Sample((paths, seed) =>
        {
            RootTree tree = Tree(paths, new Random(seed));
            TmpfsFileSystem fileSystem = Load(tree);
            IReadOnlyList<RootEntry> entries = tree.Entries;
            Assert.Equal(entries.Count(entry => entry.HardLinkTo is null) + 1, fileSystem.InodeCount);
            RootEntry[] order = [.. entries];
            new Random(seed).Shuffle(order);
            foreach (RootEntry entry in order)
                Same(entry, tree, Find(fileSystem, entry.Path).Inode, entries);
            foreach (RootEntry directory in entries.Where(entry => entry.Type == BootArchive.Directory))
                Assert.Equal(NamesIn(entries, directory.Path), List(Find(fileSystem, directory.Path)));
            Assert.Equal(NamesIn(entries, ""), List(fileSystem.Root));
            Assert.Equal(entries.Count(entry => entry.HardLinkTo is null) + 1, fileSystem.InodeCount);
        });
    }

    [Fact]
    public void A_directory_may_be_moved_before_anybody_looks_into_it()
    {
        TmpfsFileSystem fileSystem = Load(Tree(["a/b/a", "a/b/b/a"], new Random(1)));
        Dentry moved = Find(fileSystem, "a/b");
        Assert.Equal(Errno.None, moved.Parent!.Inode.Rename(context, moved.Parent, moved, fileSystem.Root, "new"u8, null));
        Assert.Equal(["a", "b"], List(Find(fileSystem, "new")));
        Assert.Same(moved, Find(fileSystem, "new/b").Parent);
        Assert.Equal(2u, Find(fileSystem, "a").Inode.LinkCount);
    }

    [Fact]
    public void A_directory_with_names_that_nobody_has_seen_is_not_empty()
    {
        TmpfsFileSystem fileSystem = Load(Tree(["a/b"], new Random(1)));
        Dentry directory = Find(fileSystem, "a");
        Assert.Equal(Errno.ENOTEMPTY, fileSystem.Root.Inode.RemoveDirectory(context, fileSystem.Root, directory));
    }

    [Fact]
    public void A_file_lives_as_long_as_a_name_that_nobody_has_seen()
    {
        var tree = new RootTree();
        tree.AddFile("a/f", 0x1a4, "data"u8.ToArray());
        tree.Add(new RootEntry("b/g", 0, default, HardLinkTo: "a/f"));
        TmpfsFileSystem fileSystem = Load(tree);
        Dentry first = Find(fileSystem, "a/f");
        Assert.Equal(2u, first.Inode.LinkCount);
        Assert.Equal(Errno.None, first.Parent!.Inode.Unlink(context, first.Parent, first));
        Dentry second = Find(fileSystem, "b/g");
        Assert.Same(first.Inode, second.Inode);
        Assert.Equal((1u, 4L), (second.Inode.LinkCount, second.Inode.Size));
    }

    [Fact]
    public void Times_of_a_directory_are_the_archives_also_after_it_was_looked_into()
    {
        TmpfsFileSystem fileSystem = Load(Tree(["a/b/a"], new Random(1)));
        Dentry directory = Find(fileSystem, "a");
        long before = directory.Inode.ModifyTime;
        List(directory);
        Assert.Equal(((long)RootEntry.BuildTime * 1_000_000_000, before), (directory.Inode.ModifyTime, before));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_image_that_is_not_the_archives_is_refused(bool isThere)
    {
        (byte[] archive, byte[] image) = Separate(Tree(["a"], new Random(1)));
        image[BootArchive.HashOffset] ^= 1;
        TmpfsFileSystem root = new TestSystem().Root;
        Assert.Throws<InvalidDataException>(() => ArchiveTree.Load(root, new HeapImage(archive), archive.Length, isThere ? new HeapImage(image) : null));
    }

    private static RootTree Tree(string[] paths, Random random)
    {
        var tree = new RootTree();
        var files = new List<string>();
        foreach (string path in paths)
        {
            string[] parts = path.Split('/');
            bool isBelowFile = Enumerable.Range(1, parts.Length - 1).Any(count => files.Contains(string.Join('/', parts[..count])));
            if (tree.Find(path) is not null || isBelowFile)
                continue;
            byte[] content = new byte[random.Next(3) * 3000];
            random.NextBytes(content);
            int kind = random.Next(4);
            if (kind == 0)
                tree.AddSymbolicLink(path, "/target");
            else if (kind == 1 && files.Find(file => tree.Find(file)!.Type == BootArchive.RegularFile) is string first)
                tree.Add(new RootEntry(path, 0, default, HardLinkTo: first));
            else
                tree.AddFile(path, 0x1a4, content);
            files.Add(path);
        }

        return tree;
    }

    private static TmpfsFileSystem Load(RootTree tree)
    {
        (byte[] archive, byte[] image) = Separate(tree);
        TmpfsFileSystem root = new TestSystem().Root;
        ArchiveTree.Load(root, new HeapImage(archive), archive.Length, new HeapImage(image));
        return root;
    }

    // The files' bytes in an image, and an archive that names it.
    private static (byte[] Archive, byte[] Image) Separate(RootTree tree)
    {
        byte[] image = BootArchiveWriter.Write(tree.Entries);
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, image);
            var reader = new BootArchiveReader(image);
            var named = new RootTree();
            named.AddSystemFile("server", "not of the root"u8.ToArray());
            foreach (RootEntry entry in tree.Entries)
            {
                int index = reader.Find(Encoding.UTF8.GetBytes(entry.Path), false);
                named.Add(entry.Type == BootArchive.RegularFile && entry.HardLinkTo is null
                    ? entry with { Content = RootContent.Range(file, reader.DataOffset(index), reader.DataLength(index)) } : entry);
            }

            using var archive = new MemoryStream();
            BootArchiveWriter.Write(named.Entries, archive, new RootImage(file, image.Length, BitConverter.ToUInt64(image, BootArchive.HashOffset)));
            return (archive.ToArray(), image);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private void Same(RootEntry entry, RootTree tree, Inode inode, IReadOnlyList<RootEntry> entries)
    {
        string holder = entry.HardLinkTo ?? entry.Path;
        uint names = (uint)entries.Count(other => other.Path == holder || other.HardLinkTo == holder);
        uint links = entry.Type == BootArchive.Directory
            ? 2 + (uint)entries.Count(other => other.Type == BootArchive.Directory && Parent(other.Path) == entry.Path) : names;
        Assert.Equal((entry.Mode, links), (inode.Mode, inode.LinkCount));
        if (inode is TmpfsFile file)
        {
            byte[] expected = tree.Find(entry.Path)!.Content.ToArray();
            byte[] bytes = new byte[expected.Length + 1];
            Assert.Equal(expected.Length, file.Content.Read(bytes, 0));
            Assert.Equal(expected, bytes[..^1]);
        }
        else if (inode.IsSymbolicLink)
        {
            Assert.Equal(Errno.None, inode.ReadLink(context, out byte[] text));
            Assert.Equal("/target", Encoding.UTF8.GetString(text));
        }
    }

    private Dentry Find(TmpfsFileSystem fileSystem, string path)
    {
        Dentry at = fileSystem.Root;
        foreach (string name in path.Split('/'))
        {
            Assert.Equal(Errno.None, at.Inode.Lookup(context, at, Encoding.UTF8.GetBytes(name), out Dentry? child));
            at = child!;
        }

        return at;
    }

    private static List<string> List(Dentry directory)
    {
        var found = new List<string>();
        NameTable names = ((TmpfsDirectory)directory.Inode).Names;
        for (Dentry? name = names.NextBelow(long.MaxValue); name != null; name = names.NextBelow(name.Cookie))
            found.Add(Encoding.UTF8.GetString(name.Name));
        found.Sort(StringComparer.Ordinal);
        return found;
    }

    private static List<string> NamesIn(IReadOnlyList<RootEntry> entries, string directory) =>
        [.. entries.Where(entry => Parent(entry.Path) == directory).Select(entry => entry.Path.Split('/')[^1]).Order(StringComparer.Ordinal)];

    private static string Parent(string path) => path.Contains('/') ? path[..path.LastIndexOf('/')] : "";
}
