using Libsys.Abi;
using Libsys.Linux;
using Libsys.Messages;

namespace Servers.Vfs.Tests.Ext4;

/// <summary>What a mounted file system goes through: files without names, mappings, remounts, damage, a disk that fails.</summary>
public sealed class Ext4StateTests
{
    private const uint ReadWrite = 0, ReadOnly = 1, Remount = 32;

    [Fact]
    public void A_file_without_a_name_gets_one_or_is_freed()
    {
        var system = new Ext4System(HostTools.MakeImage("-t ext4 -b 1024", 8192), 8);
        Assert.Equal(0, system.Mount(flags: ReadWrite));
        const uint unnamed = OpenFlags.TemporaryFile | OpenFlags.ReadWrite;
        long first = system.Client.Open("/m", unnamed), second = system.Client.Open("/m", unnamed);
        Assert.True(first >= 0 && second >= 0, $"{first} {second}");
        Assert.Equal(5, system.Client.Write(first, "first"u8));
        Assert.Equal(6, system.Client.Write(second, "second"u8));
        Assert.Equal(0, system.Client.Call(VfsOperation.Sync, a0: (ulong)first, a1: 0));
        // It is an orphan for whoever mounts a copy of the disk now.
        byte[] copy = [.. system.Disk.Bytes];
        var other = new Ext4System(copy, 9);
        Assert.Equal(0, other.Mount(flags: ReadWrite));
        Assert.Equal(0, other.Unmount());
        Assert.Equal("", HostTools.Check(copy));
        Assert.Equal(0, system.Client.Call(VfsOperation.Link, TestClient.Bytes("/m/named"), a0: (ulong)first, a1: VfsLimits.WorkingDirectory,
            a2: AtFlags.EmptyPath));
        Assert.Equal(0, system.Client.Close(first));
        Assert.Equal(0, system.Client.Close(second));
        Assert.Equal("first", system.Client.ReadText("/m/named"));
        Assert.Equal(0, system.Unmount());
        Assert.Equal("", HostTools.Check(system.Disk.Bytes));
    }

    [Fact]
    public void Damage_makes_it_read_only_and_says_so_on_the_disk()
    {
        byte[] image = HostTools.MakeImage("-t ext4 -b 1024", 8192, commands: "mkdir d");
        var system = new Ext4System(image, 10);
        Assert.Equal(0, system.Mount(flags: ReadWrite));
        system.Client.WriteText("/m/before", "text");
        // The sum of the new directory's block.
        int block = FindDirectoryBlock(image, first: 12);
        image[block + 1023] ^= 1;
        Assert.Equal(-(long)Errno.EBADMSG, system.Client.Stat("/m/d/x", out _));
        Assert.Equal(-(long)Errno.EROFS, system.Client.MakeDirectory("/m/new"));
        Assert.Equal(-(long)Errno.EROFS, system.Client.Open("/m/new", OpenFlags.Create | OpenFlags.WriteOnly));
        Assert.Contains(system.Log, static line => line.Contains("read-only from now on", StringComparison.Ordinal));
        Assert.Equal(0, system.Unmount());
        Assert.Contains("with errors", HostTools.Ask(system.Disk.Bytes, "stats"), StringComparison.Ordinal);
        Assert.Equal(-(long)Errno.EROFS, system.Mount(flags: ReadWrite));
        Assert.Equal(0, system.Mount());
        Assert.Equal("text", system.Client.ReadText("/m/before"));
    }

    // The block whose first entry is "." of an inode.
    private static int FindDirectoryBlock(byte[] image, uint first)
    {
        for (int at = 0; at < image.Length; at += 1024)
        {
            if (BitConverter.ToUInt32(image, at) == first && image[at + 6] == 1 && image[at + 8] == '.')
                return at;
        }

        throw new InvalidOperationException("no directory");
    }

    [Fact]
    public void What_mappings_write_reaches_the_disk_in_holes_too()
    {
        var system = new Ext4System(HostTools.MakeImage("-t ext4 -b 1024", 8192), 11);
        Assert.Equal(0, system.Mount(flags: ReadWrite));
        long handle = system.Client.Open("/m/f", OpenFlags.Create | OpenFlags.ReadWrite);
        Assert.Equal(0, system.Client.Truncate(handle, 40_000));
        const ulong flags = (ulong)(MapFlags.Read | MapFlags.Write | MapFlags.Shared);
        Assert.Equal(0, system.Client.Call(VfsOperation.Map, a0: (ulong)handle, a2: 1 << 16, a3: flags, a4: 0x10000000));
        TestMappedPages pages = system.Mappings.Made.Single();
        pages.Mappings = 1;
        Assert.True(pages.Store(system.Cache, 3, 7, 42, system.Disk.Step));
        // Behind the end, in its page: nobody sees it.
        Assert.True(pages.Store(system.Cache, 9, 4000, 43, system.Disk.Step));
        Assert.Equal(0, system.Client.Call(VfsOperation.Sync, a0: (ulong)handle, a1: 0));
        byte[] copy = [.. system.Disk.Bytes];
        pages.Mappings = 0;
        Assert.Equal(0, system.Client.Close(handle));
        Assert.Equal(0, system.Unmount());
        foreach (byte[] image in (byte[][])[copy, system.Disk.Bytes])
        {
            var other = new Ext4System(image, 12);
            Assert.Equal(0, other.Mount());
            byte[] all = other.ReadAll("/m/f"), expected = new byte[40_000];
            expected[3 * 4096 + 7] = 42;
            Assert.Equal(expected, all);
            Assert.Equal(0, other.Unmount());
            Assert.Equal("", HostTools.Check(image));
        }
    }

    [Fact]
    public void A_remount_empties_the_log_and_another_one_goes_on()
    {
        var system = new Ext4System(HostTools.MakeImage("-t ext4 -b 1024", 8192), 13);
        Assert.Equal(0, system.Mount(flags: ReadWrite));
        system.Client.WriteText("/m/a", "one");
        long open = system.Client.Open("/m/a", OpenFlags.WriteOnly);
        Assert.Equal(-(long)Errno.EBUSY, system.Mount(flags: Remount | ReadOnly));
        Assert.Equal(0, system.Client.Close(open));
        Assert.Equal(0, system.Mount(flags: Remount | ReadOnly));
        Assert.Equal("", HostTools.Check(system.Disk.Bytes));
        Assert.DoesNotContain("needs_recovery", HostTools.Ask(system.Disk.Bytes, "features"), StringComparison.Ordinal);
        Assert.Equal(-(long)Errno.EROFS, system.Client.MakeDirectory("/m/d"));
        Assert.Equal(0, system.Mount(flags: Remount));
        Assert.Equal(0, system.Client.MakeDirectory("/m/d"));
        Assert.Equal(0, system.Unmount());
        Assert.Equal("", HostTools.Check(system.Disk.Bytes));
        Assert.Equal(0, system.Mount());
        Assert.Equal("one", system.Client.ReadText("/m/a"));
    }

    [Fact]
    public void A_journal_that_cannot_be_written_ends_writing_and_is_told_to_fsync()
    {
        byte[] image = HostTools.MakeImage("-t ext4 -b 1024", 8192);
        var system = new Ext4System(image, 14);
        Assert.Equal(0, system.Mount(flags: ReadWrite));
        system.Client.WriteText("/m/before", "text");
        Assert.Equal(0, system.Client.Call(VfsOperation.Sync, a0: ulong.MaxValue));
        long handle = system.Client.Open("/m/f", OpenFlags.Create | OpenFlags.WriteOnly);
        Assert.Equal(3, system.Client.Write(handle, "abc"u8));
        // Its superblock and all behind it.
        int journal = FindJournal(image);
        for (int sector = 0; sector < 2048; sector++)
            system.Disk.Bad.Add(journal / 512 + sector);
        Assert.Equal(-(long)Errno.EIO, system.Client.Call(VfsOperation.Sync, a0: (ulong)handle, a1: 0));
        Assert.Equal(-(long)Errno.EROFS, system.Client.MakeDirectory("/m/d"));
        Assert.Equal("text", system.Client.ReadText("/m/before"));
        system.Client.Close(handle);
        Assert.Equal(0, system.Unmount());
        system.Disk.Bad.Clear();
        Assert.Equal(0, system.Mount(flags: ReadWrite));
        Assert.Equal("text", system.Client.ReadText("/m/before"));
        Assert.Equal(0, system.Unmount());
        Assert.Equal("", HostTools.Check(system.Disk.Bytes));
    }

    private static int FindJournal(byte[] image)
    {
        ReadOnlySpan<byte> start = [0xC0, 0x3B, 0x39, 0x98, 0, 0, 0, 4];
        for (int at = 0; at < image.Length; at += 1024)
        {
            if (image.AsSpan(at).StartsWith(start))
                return at;
        }

        throw new InvalidOperationException("no journal");
    }
}
