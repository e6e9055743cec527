using Libsys.Messages;
using Servers.DiskVfs.Disk;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Tests;

/// <summary>A file system from mount to its end: sync, statfs, restrictions, unmount, and what a disk holds afterwards.</summary>
public sealed class FileSystemLifeTests
{
    private readonly TestSystem system = new(RootKind.Tmpfs, withDrive: true);
    private readonly TestClient client;

    public FileSystemLifeTests()
    {
        client = system.NewClient(1);
        client.MakeDirectory("/mnt");
        client.MakeNode("/disk", InodeMode.Block, DeviceNumber.Make(8, 0));
        Assert.Equal(0, Mount("/mnt"));
    }

    [Fact]
    public void The_source_of_a_type_that_needs_a_device_is_one()
    {
        client.Unlink("/disk");
        Assert.Equal(-(long)Errno.ENOENT, Mount("/mnt"));
        client.MakeNode("/disk", InodeMode.Character, DeviceNumber.Make(8, 0));
        Assert.Equal(-(long)Errno.ENOTBLK, Mount("/mnt"));
        client.Unlink("/disk");
        client.MakeDirectory("/disk");
        Assert.Equal(-(long)Errno.ENOTBLK, Mount("/mnt"));
    }

    private DiskFileSystem Disk => (DiskFileSystem)system.Mounts.All[^1].FileSystem;

    [Fact]
    public void All_is_there_when_the_disk_is_mounted_again()
    {
        client.MakeDirectory("/mnt/a");
        client.WriteText("/mnt/a/file", "kept");
        client.SymbolicLink("a/file", "/mnt/link");
        client.ReadText("/mnt/a/file");
        DiskFileSystem first = Disk;
        Assert.Equal(0, Unmount("/mnt"));
        Assert.True(first.IsFinished);
        Assert.Equal(0, first.Names.Living);
        Assert.Equal(0, first.Inodes.Count);
        Assert.Equal(-(long)Errno.ENOENT, client.Open("/mnt/a/file"));
        Assert.Equal(0, Mount("/mnt"));
        Assert.NotSame(first, Disk);
        Assert.Equal("kept", client.ReadText("/mnt/link"));
        Assert.DoesNotContain(Disk.Image.Records.Values, static record => record.Links == 0);
    }

    [Fact]
    public void What_is_in_use_is_not_unmounted()
    {
        client.WriteText("/mnt/file", "x");
        long handle = client.Open("/mnt/file");
        Assert.Equal(-(long)Errno.EBUSY, Unmount("/mnt"));
        client.Close(handle);
        client.ChangeDirectory("/mnt");
        Assert.Equal(-(long)Errno.EBUSY, Unmount("/mnt"));
        client.ChangeDirectory("/");
        Assert.Equal(0, Unmount("/mnt"));
    }

    [Fact]
    public void A_program_that_runs_from_it_is_a_use()
    {
        client.WriteText("/mnt/program", "x");
        client.ChangeMode("/mnt/program", 0x1ED); // 0755
        long handle = client.Call(VfsOperation.Open, "/mnt/program"u8, a0: VfsLimits.WorkingDirectory, a3: 1);
        client.Close(handle);
        Assert.Equal(-(long)Errno.EBUSY, Unmount("/mnt"));
        client.WriteText("/other", "x");
        client.ChangeMode("/other", 0x1ED);
        client.Close(client.Call(VfsOperation.Open, "/other"u8, a0: VfsLimits.WorkingDirectory, a3: 1));
        Assert.Equal(0, Unmount("/mnt"));
    }

    [Theory]
    [InlineData("/plain", 0x1A4)] // 0644: not even for root
    [InlineData("/mnt", 0)]
    [InlineData("/node", 0)]
    public void What_cannot_be_executed_is_refused_when_it_is_opened_for_that(string path, uint mode)
    {
        client.WriteText("/plain", "x");
        Assert.Equal(0, client.Call(VfsOperation.MakeNode, "/node"u8, a0: VfsLimits.WorkingDirectory, a1: InodeMode.Fifo | 0x1ED));
        if (mode != 0)
            client.ChangeMode(path, mode);
        long opened = client.Call(VfsOperation.Open, TestClient.Bytes(path), a0: VfsLimits.WorkingDirectory, a1: OpenFlags.NonBlock, a3: 1);
        Assert.Equal(-(long)Errno.EACCES, opened);
        Assert.Equal(0, Unmount("/mnt"));
    }

    [Fact]
    public void Who_begins_to_use_it_while_unmounting_waits_keeps_it()
    {
        system.Drive!.FailChance = 0;
        client.WriteText("/mnt/file", "x");
        client.ReadText("/mnt/file"); // an access time that is still to be written
        system.Drive.WaitChance = 0;
        ulong tag = client.Submit(VfsOperation.Unmount, payload: "/mnt"u8);
        Assert.False(client.HasAnswer(tag));
        long handle = client.CallBeside(VfsOperation.Open, VfsLimits.WorkingDirectory, 0, "/mnt/file"u8);
        Assert.True(handle >= 0);
        client.Settle();
        Assert.Equal(-(long)Errno.EBUSY, client.TakeAnswer(tag));
        Assert.False(Disk.IsFinished);
        Assert.Equal(1, client.Read(handle, 10, out _));
    }

    [Fact]
    public void What_was_detached_ends_with_its_last_user()
    {
        const ulong detach = 2;
        client.WriteText("/mnt/file", "x");
        long handle = client.Open("/mnt/file");
        DiskFileSystem disk = Disk;
        Assert.Equal(0, client.Call(VfsOperation.Unmount, "/mnt"u8, a0: detach));
        Assert.Equal(-(long)Errno.ENOENT, client.Open("/mnt/file"));
        Assert.Equal(1, client.Read(handle, 10, out _));
        Assert.False(disk.IsAbandoned);
        client.Close(handle);
        client.Settle();
        Assert.True(disk.IsAbandoned && disk.IsFinished);
    }

    [Fact]
    public void A_second_mount_shows_the_same_and_the_last_one_ends_it()
    {
        client.MakeDirectory("/second");
        Assert.Equal(0, Mount("/second"));
        DiskFileSystem disk = Disk;
        client.WriteText("/second/file", "x");
        Assert.Equal("x", client.ReadText("/mnt/file"));
        Assert.Equal(0, Unmount("/mnt"));
        Assert.False(disk.IsFinished);
        Assert.Equal(0, Unmount("/second"));
        Assert.True(disk.IsFinished);
    }

    [Fact]
    public void Sync_waits_until_what_was_changed_is_on_the_disk()
    {
        client.WriteText("/mnt/file", "x");
        client.Stat("/mnt/file", out TestStat stat);
        foreach ((ulong handle, ulong much) in ((ulong, ulong)[])[(ulong.MaxValue, 0), ((ulong)client.Open("/mnt/file"), 2)])
        {
            long before = system.Image.Records[stat.Inode].AccessTime;
            client.ChangeMode("/mnt/file", 0x1A4); // so that the next read counts, mount(8) relatime
            client.ReadText("/mnt/file");
            Assert.Equal(0, client.Call(VfsOperation.Sync, a0: handle, a1: much));
            Assert.True(system.Image.Records[stat.Inode].AccessTime > before);
        }
    }

    [Fact]
    public void A_superblock_that_is_read_only_is_so_in_all_mounts_of_it()
    {
        const ulong remount = 32, readOnly = 1, bind = 0x1000;
        client.WriteText("/mnt/file", "x");
        Assert.Equal(0, Mount("/mnt", remount | bind | readOnly));
        Assert.Equal(-(long)Errno.EROFS, client.MakeDirectory("/mnt/new"));
        Assert.Equal(MountFlags.None, Disk.Restrictions);
        Assert.Equal(0, Mount("/mnt", remount));
        Assert.Equal(0, client.MakeDirectory("/mnt/new"));
        Assert.Equal(0, Mount("/mnt", remount | readOnly));
        Assert.Equal(MountFlags.ReadOnly, Disk.Restrictions);
        Assert.Equal(-(long)Errno.EROFS, client.Unlink("/mnt/file"));
    }

    [Fact]
    public void The_source_is_the_device()
    {
        var text = new System.Text.StringBuilder();
        MountText.AppendMounts(text, system.Mounts.All[^1], client.Connection.Slots[1].Context.Root);
        Assert.Equal("/dev/disk0 /mnt disk rw,relatime 0 0\n", text.ToString());
    }

    [Fact]
    public void Statfs_may_wait_too()
    {
        byte[] path = "/mnt"u8.ToArray();
        Assert.Equal(0, client.Call(VfsOperation.StatFileSystem, path, 4096, VfsLimits.WorkingDirectory, 0, (ulong)path.Length));
        Assert.Equal(1000, BitConverter.ToInt64(client.Channel.Pool[16..]));
    }

    private long Mount(string place, ulong flags = 0) =>
        client.Call(VfsOperation.Mount, TestClient.Bytes("disk" + place + "disk"), a0: flags, a1: 4, a2: (ulong)place.Length, a3: 4);

    private long Unmount(string place) => client.Call(VfsOperation.Unmount, TestClient.Bytes(place));
}
