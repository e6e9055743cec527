using System.Globalization;
using Libsys.Linux;
using Libsys.Messages;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Tests.Ext4;

/// <summary>What is written is there, the file system is whole for e2fsck, and a loss of power takes nothing that fsync has confirmed.</summary>
public sealed class Ext4WriteTests
{
    private const uint ReadWrite = 0;

    [Theory]
    [InlineData("-t ext4", 4096)]
    [InlineData("-t ext4 -b 1024", 1024)]
    [InlineData("-t ext4 -b 1024 -O ^metadata_csum,^64bit", 1024)]
    [InlineData("-t ext4 -b 2048 -I 128 -O ^metadata_csum,uninit_bg", 2048)]
    public void Random_operations_give_what_tmpfs_gives(string options, int blockSize)
    {
        for (int seed = 0; seed < 6; seed++)
        {
            byte[] image = HostTools.MakeImage(options, 24576);
            var system = new Ext4System(image, seed, slots: 700, isAtOnce: seed == 5);
            Assert.Equal(0, system.Mount(flags: ReadWrite));
            Assert.Equal(0, system.Client.MakeDirectory("/t"));
            var run = new TwinOperations(system, seed + blockSize);
            for (int step = 0; step < 400; step++)
                run.Step();
            run.CloseAll();
            Same(system, "/t", "/m");
            Assert.Equal(0, system.Unmount());
            string found = HostTools.Check(system.Disk.Bytes);
            Assert.True(found.Length == 0, $"seed {seed}: {found}");
            Assert.Equal(0, system.Mount());
            Same(system, "/t", "/m");
            Assert.Equal(0, system.Unmount());
            Assert.Empty(system.Log);
        }
    }

    [Theory]
    [InlineData("-t ext4 -b 1024", 4500, 100)]
    [InlineData("-t ext4", 1200, 20)]
    public void A_directory_grows_an_index_and_keeps_its_names(string options, int count, int longest)
    {
        var system = new Ext4System(HostTools.MakeImage(options + " -N 8192", 32768), 3, slots: 1000, isAtOnce: true);
        string NameOf(int number) => $"/m/d/name-{number}-{new string('n', longest - number % 15)}";
        Assert.Equal(0, system.Mount(flags: ReadWrite));
        Assert.Equal(0, system.Client.MakeDirectory("/m/d"));
        for (int number = 0; number < count; number++)
        {
            Assert.Equal(0, system.Client.MakeNode(NameOf(number), InodeMode.Regular | 0x1A4));
            if (number % 3 == 2)
                Assert.Equal(0, system.Client.Unlink(NameOf(number - 1)));
        }

        int left = count - count / 3 + 2;
        Assert.Equal(left, system.Client.List("/m/d").Count);
        Assert.Equal(0, system.Unmount());
        Assert.Equal("", HostTools.Check(system.Disk.Bytes));
        string index = HostTools.Ask(system.Disk.Bytes, "htree_dump /d");
        Assert.Contains($"Number of entries", index, StringComparison.Ordinal);
        Assert.Contains($"Indirect levels: {(count > 2000 ? 1 : 0)}", index, StringComparison.Ordinal);
        Assert.Equal(0, system.Mount(flags: ReadWrite));
        Assert.Equal(left, system.Client.List("/m/d").Distinct().Count());
        for (int number = 0; number < count; number++)
            Assert.Equal(number % 3 == 1 ? -(long)Errno.ENOENT : 0, system.Client.Unlink(NameOf(number)));
        Assert.Equal(0, system.Client.RemoveDirectory("/m/d"));
        Assert.Equal(0, system.Unmount());
        Assert.Equal("", HostTools.Check(system.Disk.Bytes));
    }

    [Fact]
    public void No_room_is_ENOSPC_before_anything_is_written_and_room_comes_back()
    {
        var system = new Ext4System(HostTools.MakeImage("-t ext4 -b 1024 -m 0", 4096), 4);
        Assert.Equal(0, system.Mount(flags: ReadWrite));
        for (int round = 0; round < 3; round++)
        {
            long handle = system.Client.Open("/m/f", OpenFlags.Create | OpenFlags.WriteOnly);
            long total = 0, answer;
            while ((answer = system.Client.Write(handle, new byte[8192])) > 0)
                total += answer;
            Assert.Equal(-(long)Errno.ENOSPC, answer);
            Assert.True(total > 1_500_000, total.ToString(CultureInfo.InvariantCulture));
            Assert.Equal(0, system.Client.Call(VfsOperation.Sync, a0: (ulong)handle, a1: 0));
            Assert.Equal(0, system.Client.Close(handle));
            Assert.Equal(0, system.Client.Unlink("/m/f"));
        }

        Assert.Equal(0, system.Unmount());
        Assert.Equal("", HostTools.Check(system.Disk.Bytes));
    }

    private static void Same(Ext4System system, string left, string right)
    {
        TestClient client = system.Client;
        string[] names = [.. client.List(left).Order(StringComparer.Ordinal)];
        Assert.Equal(names, client.List(right).Where(static name => name != "lost+found").Order(StringComparer.Ordinal).ToArray());
        foreach (string name in names.Where(static name => name is not ("." or "..")))
        {
            Assert.Equal(0, client.Stat($"{left}/{name}", out TestStat one, follow: false));
            long found = client.Stat($"{right}/{name}", out TestStat other, follow: false);
            Assert.True(found == 0 && system.Log.Count == 0, $"{right}/{name}: {found} {string.Join(';', system.Log)}");
            bool isDirectory = InodeMode.Type(one.Mode) == InodeMode.Directory;
            Assert.Equal((one.Mode, one.Links, one.User, one.Group, isDirectory ? 0 : one.Size), (other.Mode, other.Links, other.User, other.Group,
                isDirectory ? 0 : other.Size));
            if (isDirectory)
                Same(system, $"{left}/{name}", $"{right}/{name}");
            else if (InodeMode.Type(one.Mode) == InodeMode.Regular)
                Assert.Equal(system.ReadAll($"{left}/{name}"), system.ReadAll($"{right}/{name}"));
        }
    }
}
