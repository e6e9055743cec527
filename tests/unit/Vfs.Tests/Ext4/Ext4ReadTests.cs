using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Libsys.Linux;
using Libsys.Messages;
using Servers.Vfs.Ext4;
using Servers.Vfs.Names;
using Libsys.Abi;

namespace Servers.Vfs.Tests.Ext4;

/// <summary>Images that mke2fs has made are read as what they were made of.</summary>
public sealed class Ext4ReadTests
{
    private const uint SeekData = 3, SeekHole = 4;

    [Theory]
    [InlineData("-t ext4", "ext4")]
    [InlineData("-t ext4 -b 1024", "ext4")]
    [InlineData("-t ext4 -b 2048 -I 1024", "ext4")]
    [InlineData("-t ext4 -O ^64bit,^metadata_csum,uninit_bg", "ext4")]
    [InlineData("-t ext4 -O metadata_csum_seed,large_dir,ea_inode", "ext4")]
    [InlineData("-t ext4 -b 1024 -O meta_bg,^resize_inode", "ext4")]
    [InlineData("-t ext4 -b 1024 -O sparse_super2", "ext4")]
    [InlineData("-t ext4 -O inline_data", "ext4")]
    [InlineData("-t ext4 -O ^dir_index,^filetype", "ext4")]
    [InlineData("-t ext3 -b 1024 -I 128", "ext3")]
    [InlineData("-t ext2 -b 1024", "ext2")]
    [InlineData("-t ext2", "ext2")]
    public void A_tree_is_what_it_was_made_of(string options, string type)
    {
        using var tree = new SourceTree(5);
        byte[] image = HostTools.MakeImage(options, 24576, tree.Root);
        Compare(tree, image, type, hasExactTimes: !options.Contains("-I 128", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("-t ext4", "half_md4", 1)]
    [InlineData("-t ext4 -b 1024", "half_md4", 2)]
    [InlineData("-t ext4 -b 1024", "tea", 1)]
    [InlineData("-t ext4 -b 1024", "tea", 2)]
    [InlineData("-t ext4 -b 1024 -O ^metadata_csum", "legacy", 1)]
    [InlineData("-t ext4 -b 1024", "legacy", 2)]
    public void Directories_with_an_index_are_searched_by_every_hash(string options, string hash, int signedness)
    {
        using var tree = new SourceTree(6);
        byte[] image = HostTools.MakeImage(options, 24576, tree.Root);
        string path = Path.GetTempFileName();
        File.WriteAllBytes(path, image);
        HostTools.Run("tune2fs", $"-E hash_alg={hash} {path}");
        HostTools.Debug(path, $"set_super_value flags {signedness}");
        HostTools.Optimize(path);
        image = File.ReadAllBytes(path);
        File.Delete(path);
        Assert.Contains("0x81000", HostTools.Ask(image, "stat /many"), StringComparison.Ordinal); // INDEX and EXTENTS
        Compare(tree, image, "ext4", hasExactTimes: true);
        var system = new Ext4System(image);
        Assert.Equal(0, system.Mount());
        Assert.Equal(-(long)Errno.ENOENT, system.Client.Stat("/m/many/not there", out _));
    }

    [Fact]
    public void Hashes_of_names_are_those_of_debugfs()
    {
        byte[] image = HostTools.MakeImage("-t ext4", 4096);
        string[] names = ["a", "abc", "a-longer-name", new('x', 31), new('y', 32), new('z', 33), new('w', 255), "0123456789abcdef", "0123456789abcdefg"];
        foreach ((string option, HashVersion version) in new[] { ("legacy", HashVersion.Legacy), ("half_md4", HashVersion.HalfMd4), ("tea", HashVersion.Tea) })
        {
            foreach (string name in names)
            {
                string answer = HostTools.Ask(image, $"dx_hash -h {option} {name}");
                Match match = Regex.Match(answer, "is (0x[0-9a-f]+) \\(minor (0x[0-9a-f]+)\\)");
                Assert.True(match.Success, answer);
                DirectoryHash hash = DirectoryHash.Of(Encoding.UTF8.GetBytes(name), version, [0, 0, 0, 0]);
                Assert.Equal(match.Groups[1].Value + " " + match.Groups[2].Value, $"0x{hash.Major:x} 0x{hash.Minor:x}");
            }
        }
    }

    [Fact]
    public void Listing_goes_on_where_it_ended_whatever_the_buffer_holds()
    {
        using var tree = new SourceTree(7);
        foreach (string options in (string[])["-t ext4 -b 1024", "-t ext2 -b 1024", "-t ext4 -O ^dir_index"])
        {
            string path = Path.GetTempFileName();
            File.WriteAllBytes(path, HostTools.MakeImage(options, 24576, tree.Root));
            HostTools.Optimize(path);
            var system = new Ext4System(File.ReadAllBytes(path));
            File.Delete(path);
            Assert.Equal(0, system.Mount());
            string[] expected = [.. Enumerable.Range(0, SourceTree.ManyNames).Select(SourceTree.Name).Append(".").Append("..").Order(StringComparer.Ordinal)];
            // The test's client reads 256 bytes at a time, so that every name once is where a buffer ended.
            Assert.Equal(expected, system.Client.List("/m/many").Order(StringComparer.Ordinal).ToArray());
        }
    }

    [Fact]
    public void Nodes_of_devices_on_a_disk_are_not_opened_where_the_mount_forbids_it()
    {
        const uint readOnly = 1, noDevices = 4;
        byte[] image = HostTools.MakeImage("-t ext4", 16384, null, "mknod null c 1 3\nmknod pipe p\n");
        var system = new Ext4System(image);
        Assert.Equal(0, system.Mount(flags: readOnly));
        Assert.True(system.Client.Open("/m/null") >= 0);
        Assert.Equal(-(long)Errno.EBUSY, system.Unmount());
        system = new Ext4System(image);
        Assert.Equal(0, system.Mount(flags: readOnly | noDevices));
        Assert.Equal(-(long)Errno.EACCES, system.Client.Open("/m/null"));
        Assert.Equal(0, system.Unmount());
    }

    [Fact]
    public void Nodes_unwritten_room_deep_trees_and_attributes_are_read()
    {
        using var tree = new SourceTree(8);
        var commands = new StringBuilder("mknod null c 1 3\nmknod big b 7 8\nmknod pipe p\nea_set /a/f1 user.colour blue\n");
        commands.AppendLine("write /dev/null holes");
        commands.AppendLine(CultureInfo.InvariantCulture, $"set_inode_field /big block[0] 0\nset_inode_field /big block[1] {DeviceNumber.Make(300, 70000)}");
        commands.AppendLine(CultureInfo.InvariantCulture, $"set_inode_field /a/f1 mtime_extra {123456700 << 2 | 1}");
        byte[] image = HostTools.MakeImage("-t ext4 -b 1024", 32768, tree.Root, commands.ToString());
        string path = Path.GetTempFileName();
        File.WriteAllBytes(path, image);
        // Every other block, so that the tree has levels; then room that is unwritten.
        var pieces = new StringBuilder();
        for (int block = 0; block < 1400; block += 2)
            pieces.AppendLine(CultureInfo.InvariantCulture, $"fallocate /a/b/sparse {block} {block}");
        HostTools.Debug(path, pieces + "set_inode_field /holes size 3000000\nfallocate /holes 5 9");
        var system = new Ext4System(File.ReadAllBytes(path));
        File.Delete(path);
        Assert.Equal(0, system.Mount());
        Assert.Equal(0, system.Client.Stat("/m/null", out TestStat stat));
        Assert.Equal(InodeMode.Character, InodeMode.Type(stat.Mode));
        Assert.Equal(DeviceNumber.Make(1, 3), (uint)BinaryPrimitives.ReadUInt64LittleEndian(system.Client.Channel.Pool[StatLayout.SpecialDevice..]));
        Assert.Equal(0, system.Client.Stat("/m/big", out _));
        Assert.Equal(DeviceNumber.Make(300, 70000), (uint)BinaryPrimitives.ReadUInt64LittleEndian(system.Client.Channel.Pool[StatLayout.SpecialDevice..]));
        Assert.Equal(0, system.Client.Stat("/m/a/f1", out _));
        Assert.Equal(2211854706, BinaryPrimitives.ReadInt64LittleEndian(system.Client.Channel.Pool[StatLayout.ModifyTime..]));
        Assert.Equal(123456700, BinaryPrimitives.ReadInt64LittleEndian(system.Client.Channel.Pool[(StatLayout.ModifyTime + 8)..]));
        byte[] sparse = File.ReadAllBytes(tree.Root + "/a/b/sparse");
        Assert.Equal(sparse, system.ReadAll("/m/a/b/sparse"));
        Assert.All(system.ReadAll("/m/holes"), static value => Assert.Equal(0, value));
        long handle = system.Client.Open("/m/a/b/sparse");
        long data = system.Client.Seek(handle, 0, SeekData);
        Assert.Equal(sparse.AsSpan().IndexOfAnyExcept((byte)0) & ~1023L, data);
        Assert.Equal(0, system.Client.Seek(handle, 0, SeekHole));
        long hole = system.Client.Seek(handle, data, SeekHole);
        Assert.Equal(0, hole % 1024);
        long last = system.Client.Seek(handle, hole, SeekData);
        Assert.Equal(8_000_000 & ~1023, last);
        Assert.Equal(sparse.Length, system.Client.Seek(handle, last, SeekHole));
        Assert.Equal(-(long)Errno.ENXIO, system.Client.Seek(handle, sparse.Length, SeekData));
        Assert.Equal(0, system.Client.Close(handle));
        Assert.Equal(0, system.Unmount());
    }

    [Fact]
    public void Statfs_and_the_list_of_mounts_are_as_on_Linux()
    {
        byte[] image = HostTools.MakeImage("-t ext4 -b 4096 -m 5", 65536);
        string super = HostTools.Ask(image, "stats -h");
        var system = new Ext4System(image);
        Assert.Equal(0, system.Mount(options: "noload"));
        byte[] name = TestClient.Bytes("/m");
        Assert.Equal(0, system.Client.Call(VfsOperation.StatFileSystem, name, 8192, VfsLimits.WorkingDirectory, 0, (ulong)name.Length));
        long[] fields = [.. Enumerable.Range(0, 7).Select(field => BinaryPrimitives.ReadInt64LittleEndian(system.Client.Channel.Pool[(field * 8)..]))];
        long Field(string label) => long.Parse(Regex.Match(super, label + ":\\s+(\\d+)").Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.Equal((0xEF53L, 4096L), (fields[0], fields[1]));
        Assert.Equal(Field("Block count") - Field("Overhead clusters"), fields[2]);
        // What Linux sets aside besides: Ext4BootTests compares it.
        long aside = Field("Block count") / 50;
        Assert.Equal((Field("Free blocks"), Field("Free blocks") - Field("Reserved block count") - aside), (fields[3], fields[4]));
        Assert.Equal((Field("Inode count"), Field("Free inodes")), (fields[5], fields[6]));
        var text = new StringBuilder();
        MountText.AppendMounts(text, system.System.Mounts.All[^1], system.Client.Connection.Slots[1].Context.Root);
        Assert.Equal("/disk /m ext4 ro,relatime,norecovery 0 0\n", text.ToString());
    }

    [Fact]
    public void Mapped_pages_show_the_file_and_zeros_behind_its_end()
    {
        using var tree = new SourceTree(9);
        var system = new Ext4System(HostTools.MakeImage("-t ext4 -b 1024", 24576, tree.Root), slots: 96);
        Assert.Equal(0, system.Mount());
        byte[] expected = File.ReadAllBytes(tree.Root + "/a/f100000");
        long handle = system.Client.Open("/m/a/f100000");
        Assert.Equal(0, system.Client.Call(VfsOperation.Map, a0: (ulong)handle, a2: 1 << 17, a3: (ulong)MapFlags.Read, a4: 0x10000000));
        TestMappedPages pages = system.Mappings.Made.Single();
        pages.Mappings = 1;
        for (int page = 0; page * 4096 < expected.Length; page++)
        {
            byte[] seen = pages.Touch(system.Cache, page, write: false, system.Disk.Step)!;
            byte[] wanted = new byte[4096];
            expected.AsSpan(page * 4096, Math.Min(4096, expected.Length - page * 4096)).CopyTo(wanted);
            Assert.Equal(wanted, seen);
        }

        Assert.Null(pages.Touch(system.Cache, expected.Length / 4096 + 1, write: false, system.Disk.Step));
    }

    private static void Compare(SourceTree tree, byte[] image, string type, bool hasExactTimes)
    {
        byte[] before = [.. image];
        var system = new Ext4System(image, slots: 300);
        Assert.Equal(0, system.Mount(type));
        Dictionary<string, string> stats = tree.StatAll("%m:%s:%n:%U:%G:%y:%T@|");
        int count = 0;
        foreach ((string path, string expected) in stats)
        {
            Assert.Equal(0, system.Client.Stat("/m" + path, out TestStat stat, follow: false));
            // mke2fs writes no more than 32 bits of seconds: this one is set by debugfs where it matters.
            if (path != "/a/f1")
                Assert.Equal(expected, Describe(system, stat, expected, hasExactTimes));
            count++;
            string source = tree.Root + path;
            if (InodeMode.Type(stat.Mode) == InodeMode.Regular)
                Assert.Equal(File.ReadAllBytes(source), system.ReadAll("/m" + path));
            else if (InodeMode.Type(stat.Mode) == InodeMode.SymbolicLink)
                Assert.Equal(new FileInfo(source).LinkTarget, ReadLink(system, path));
            else if (InodeMode.Type(stat.Mode) == InodeMode.Directory)
                Assert.Equal(
                    Directory.EnumerateFileSystemEntries(source).Select(static name => Path.GetFileName(name)!).Order(StringComparer.Ordinal).ToArray(),
                    system.Client.List("/m" + path).Where(static name => name is not ("." or "..")).Order(StringComparer.Ordinal).ToArray());
        }

        Assert.True(count > SourceTree.ManyNames);
        string blocks = Regex.Match(HostTools.Ask(image, "stat /a/b/sparse"), "Blockcount: (\\d+)").Groups[1].Value;
        Assert.Equal(0, system.Client.Stat("/m/a/b/sparse", out TestStat sparse));
        Assert.Equal(blocks, sparse.Blocks.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(0, system.Unmount());
        Assert.Equal(0, system.Cache.WriteBack.Pages);
        Assert.Equal(before, system.Disk.Bytes);
        Assert.Empty(system.Log);
    }

    private static string ReadLink(Ext4System system, string path)
    {
        Assert.True(system.Client.ReadLink("/m" + path, out string text) > 0);
        return text;
    }

    private static string Describe(Ext4System system, TestStat stat, string expected, bool hasExactTimes)
    {
        ReadOnlySpan<byte> record = system.Client.Channel.Pool;
        long seconds = BinaryPrimitives.ReadInt64LittleEndian(record[StatLayout.ModifyTime..]);
        long rest = BinaryPrimitives.ReadInt64LittleEndian(record[(StatLayout.ModifyTime + 8)..]);
        string[] fields = expected.Split(':');
        bool isDirectory = InodeMode.Type(stat.Mode) == InodeMode.Directory;
        string kind = InodeMode.Type(stat.Mode) switch { InodeMode.Regular => "f", InodeMode.Directory => "d", InodeMode.SymbolicLink => "l", _ => "p" };
        // Lengths of directories are the file system's own matter. mke2fs rounds times as it likes: by the second where the inode has no more.
        string time = hasExactTimes && fields[6].EndsWith(rest.ToString("D9", CultureInfo.InvariantCulture) + "0", StringComparison.Ordinal)
            ? $"{seconds}.{rest:D9}0" : fields[6].StartsWith(seconds + ".", StringComparison.Ordinal) ? fields[6] : $"{seconds}.{rest:D9}0";
        return $"{Convert.ToString(stat.Mode & 0xFFF, 8)}:{(isDirectory ? fields[1] : stat.Size)}:{stat.Links}:{stat.User}:{stat.Group}:{kind}:{time}";
    }
}
