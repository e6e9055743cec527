using System.Text;
using Libsys.Linux;
using Libsys.Messages;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Tests.Ext4;

/// <summary>Extended attributes on the disk: in inodes, in blocks, and values that have inodes of their own.</summary>
public sealed class Ext4AttributeTests
{
    private const uint ReadWrite = 0, Create = ExtendedAttribute.Create, Replace = ExtendedAttribute.Replace;

    private static readonly string[] Paths = ["/m/file", "/m/directory", "/m/link", "/m/fifo"];

    /// <summary>What is set is there, also after a new mount, and e2fsck and debugfs find the same; what has no room changes nothing.</summary>
    [Theory]
    [InlineData("-t ext4 -b 1024", 1)]
    [InlineData("-t ext4 -b 4096 -I 1024", 2)]
    [InlineData("-t ext4 -b 2048 -I 128", 3)]
    [InlineData("-t ext4 -b 1024 -O ^metadata_csum,^64bit,^ext_attr", 4)]
    public void Random_attributes_are_those_of_a_model(string options, int seed)
    {
        var random = new Random(seed);
        var system = new Ext4System(HostTools.MakeImage(options), seed);
        Assert.Equal(0, system.Mount(flags: ReadWrite));
        Assert.Equal(0, system.Client.Close(system.Client.Open(Paths[0], OpenFlags.Create | OpenFlags.ReadWrite)));
        Assert.Equal(0, system.Client.MakeDirectory(Paths[1]));
        Assert.Equal(0, system.Client.SymbolicLink("target", Paths[2]));
        Assert.Equal(0, system.Client.MakeNode(Paths[3], InodeMode.Fifo | 0x1a4, 0));
        Dictionary<string, byte[]>[] model = [[], [], [], []];
        int full = 0, set = 0, longest = options.Contains("4096", StringComparison.Ordinal) ? 4000 : 900;
        for (int step = 0; step < 800; step++)
        {
            int file = random.Next(Paths.Length);
            string name = RandomName(random, file);
            bool isThere = model[file].ContainsKey(name);
            if (random.Next(4) == 0)
            {
                Assert.Equal(isThere ? 0 : -(long)Errno.ENODATA, system.Client.RemoveAttribute(Paths[file], name));
                model[file].Remove(name);
            }
            else
            {
                byte[] value = new byte[random.Next(4) == 0 ? random.Next(longest) : random.Next(40)];
                random.NextBytes(value);
                uint flags = (uint)random.Next(3);
                long result = system.Client.SetAttribute(Paths[file], name, value, flags);
                long expected = isThere && flags == Create ? -(long)Errno.EEXIST : !isThere && flags == Replace ? -(long)Errno.ENODATA : 0;
                if (result == -(long)Errno.ENOSPC && expected == 0)
                {
                    full++;
                    continue;
                }

                Assert.Equal(expected, result);
                if (result != 0)
                    continue;
                set++;
                model[file][name] = value;
            }

            if (step % 200 == 199)
            {
                Assert.Equal(0, system.Unmount());
                Assert.Equal("", HostTools.Check(system.Disk.Bytes));
                Assert.Equal(0, system.Mount(flags: ReadWrite));
            }

            Compare(system, model[file], Paths[file]);
        }

        Assert.True(full > 0 && set > full, $"{set} set, {full} without room");
        Assert.Equal(0, system.Unmount());
        Assert.Equal("", HostTools.Check(system.Disk.Bytes));
        // As others read it.
        string image = Path.GetTempFileName(), copy = Path.GetTempFileName();
        File.WriteAllBytes(image, system.Disk.Bytes);
        for (int file = 0; file < Paths.Length; file++)
        {
            foreach ((string name, byte[] value) in model[file])
            {
                HostTools.Debug(image, $"ea_get -f {copy} {Paths[file][2..]} {name}");
                Assert.Equal(value, File.ReadAllBytes(copy));
            }
        }

        File.Delete(image);
        File.Delete(copy);
        Assert.Equal(0, system.Mount());
        for (int file = 0; file < Paths.Length; file++)
            Compare(system, model[file], Paths[file]);
        Assert.Equal(-(long)Errno.EROFS, system.Client.SetAttribute(Paths[0], "user.x", []));
        Assert.Empty(system.Log);
    }

    /// <summary>A block that Linux has given to several inodes stays the others' when one changes, and goes with the last.</summary>
    [Fact]
    public void A_shared_block_is_left_by_who_changes_and_freed_with_the_last()
    {
        string folder = Directory.CreateTempSubdirectory("attributes-").FullName;
        File.WriteAllText(Path.Combine(folder, "a"), "");
        File.WriteAllText(Path.Combine(folder, "b"), "");
        string value = new('v', 500);
        byte[] image = HostTools.MakeImage("-t ext4 -b 1024 -I 128 -O ^metadata_csum", 8192, folder, $"ea_set a user.large {value}");
        Directory.Delete(folder, recursive: true);
        image = Share(image, "a", "b");
        Assert.Equal("", HostTools.Check(image));
        foreach (bool isRemoved in (bool[])[false, true])
        {
            var system = new Ext4System([.. image], 3);
            Assert.Equal(0, system.Mount(flags: ReadWrite));
            Assert.Equal(0, isRemoved ? system.Client.Unlink("/m/a") : system.Client.SetAttribute("/m/a", "user.more", "x"u8.ToArray()));
            Assert.Equal(500, system.Client.GetAttribute("/m/b", "user.large", out byte[] found));
            Assert.Equal(value, Encoding.ASCII.GetString(found));
            Assert.Equal(["user.large"], system.Client.ListAttributes("/m/b"));
            Assert.Equal(0, system.Client.RemoveAttribute("/m/b", "user.large"));
            if (!isRemoved)
                Assert.Equal(["user.large", "user.more"], system.Client.ListAttributes("/m/a"));
            Assert.Equal(0, system.Unmount());
            Assert.Equal("", HostTools.Check(system.Disk.Bytes));
        }
    }

    /// <summary>Values with inodes of their own are read, checked against their sum, and never taken for files.</summary>
    [Fact]
    public void Values_in_inodes_are_read_and_damage_in_them_is_found()
    {
        string folder = Directory.CreateTempSubdirectory("attributes-").FullName, file = Path.Combine(folder, "value");
        // The longest that debugfs takes.
        byte[] value = new byte[4096];
        new Random(8).NextBytes(value);
        File.WriteAllBytes(file, value);
        byte[] image = HostTools.MakeImage("-t ext4 -b 4096 -O ea_inode", 16384, folder, $"ea_set -f {file} value user.large\nea_set value user.small s");
        Directory.Delete(folder, recursive: true);
        var system = new Ext4System(image, 4);
        Assert.Equal(0, system.Mount());
        Assert.Equal(["user.large", "user.small"], system.Client.ListAttributes("/m/value"));
        Assert.Equal(value.Length, system.Client.GetAttribute("/m/value", "user.large", out byte[] found, 8_000));
        Assert.Equal(value, found);
        Assert.Equal(value.Length, system.Client.GetAttribute("/m/value", "user.large", out _, 0));
        Assert.Equal(-(long)Errno.ERANGE, system.Client.GetAttribute("/m/value", "user.large", out _, 4_095));
        Assert.Equal(0, system.Unmount());
        // Both the file's data and the value: the value's block comes second.
        int first = Find(image, value.AsSpan(512, 64), 0), second = Find(image, value.AsSpan(512, 64), first + 1);
        Assert.True(second > first);
        foreach (int at in (int[])[first, second])
            image[at] ^= 1;
        system = new Ext4System(image, 4);
        Assert.Equal(0, system.Mount());
        Assert.Equal(-(long)Errno.EUCLEAN, system.Client.GetAttribute("/m/value", "user.large", out _, 8_000));
        Assert.Equal(1, system.Client.GetAttribute("/m/value", "user.small", out _));
        Assert.NotEmpty(system.Log);
    }

    /// <summary>Whoever changes a file's content, length or owner takes its capabilities, and nothing else.</summary>
    [Theory]
    [InlineData("write")]
    [InlineData("truncate")]
    [InlineData("chown")]
    [InlineData("chmod")]
    public void Capabilities_are_lost_with_what_they_were_given_to(string how)
    {
        var system = new Ext4System(HostTools.MakeImage("-t ext4"), 5);
        Assert.Equal(0, system.Mount(flags: ReadWrite));
        TestClient client = system.Client;
        long handle = client.Open("/m/f", OpenFlags.Create | OpenFlags.ReadWrite);
        Assert.Equal(4, client.Write(handle, "text"u8));
        byte[] capabilities = [1, 0, 0, 2, .. new byte[16]];
        Assert.Equal(0, client.SetAttribute("/m/f", "security.capability", capabilities));
        Assert.Equal(0, client.SetAttribute("/m/f", "user.kept", [1]));
        Assert.Equal(-(long)Errno.EINVAL, client.SetAttribute("/m/f", "security.capability", new byte[19]));
        _ = how switch
        {
            "write" => client.Write(handle, "x"u8),
            "truncate" => client.Truncate(handle, 2),
            "chown" => client.Call(VfsOperation.ChangeOwner, TestClient.Bytes("/m/f"), a0: VfsLimits.WorkingDirectory, a1: 5 | 6ul << 32),
            _ => client.Call(VfsOperation.ChangeMode, TestClient.Bytes("/m/f"), a0: VfsLimits.WorkingDirectory, a1: 0x1ff),
        };
        Assert.Equal(how == "chmod" ? ["security.capability", "user.kept"] : ["user.kept"], client.ListAttributes("/m/f"));
        Assert.Equal(0, client.Close(handle));
        Assert.Equal(0, system.Unmount());
        Assert.Equal("", HostTools.Check(system.Disk.Bytes));
    }

    // "user." is for files and directories only.
    private static string RandomName(Random random, int file)
    {
        string space = file < 2 && random.Next(2) == 0 ? "user." : random.Next(2) == 0 ? "trusted." : "security.";
        return space + new string((char)('a' + random.Next(3)), random.Next(1, 3)) + (random.Next(8) == 0 ? new string('l', 200) : "");
    }

    private static void Compare(Ext4System system, Dictionary<string, byte[]> model, string path)
    {
        Assert.Equal(model.Keys.Order(StringComparer.Ordinal), system.Client.ListAttributes(path));
        foreach ((string name, byte[] value) in model)
        {
            Assert.Equal(value.Length, system.Client.GetAttribute(path, name, out byte[] found));
            Assert.Equal(value, found);
        }

        Assert.Equal(-(long)Errno.ENODATA, system.Client.GetAttribute(path, "trusted.none", out _));
    }

    // As Linux does it for equal attributes: both inodes have the block, which counts them.
    private static byte[] Share(byte[] image, string from, string to)
    {
        string stat = HostTools.Ask(image, $"stat {from}");
        string block = stat.Split("File ACL: ")[1].Split('\n', ' ')[0];
        string path = Path.GetTempFileName();
        File.WriteAllBytes(path, image);
        HostTools.Debug(path, $"sif {to} file_acl {block}\nsif {to} blocks 2");
        byte[] changed = File.ReadAllBytes(path);
        int at = int.Parse(block, System.Globalization.CultureInfo.InvariantCulture) * 1024;
        changed[at + 4] = 2;
        File.Delete(path);
        return changed;
    }

    private static int Find(byte[] bytes, ReadOnlySpan<byte> part, int from) =>
        bytes.AsSpan(from).IndexOf(part) is var at && at >= 0 ? at + from : -1;
}
