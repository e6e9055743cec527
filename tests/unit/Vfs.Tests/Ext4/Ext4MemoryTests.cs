using Libsys.Abi;
using Libsys.Linux;
using Libsys.Messages;

namespace Servers.Vfs.Tests.Ext4;

/// <summary>Files of a disk that programs read in memory: docs/files-in-memory.md.</summary>
public sealed class Ext4MemoryTests
{
    private const uint ReadWrite = 0, RelativeAccessTime = 1 << 21, StrictAccessTime = 1 << 24;

    private readonly Ext4System system = new(HostTools.MakeImage("-t ext4 -b 1024", 4096), 11);

    [Fact]
    public void What_is_shown_is_true_until_somebody_changes_the_file()
    {
        Assert.Equal(0, system.Mount(flags: ReadWrite | RelativeAccessTime));
        TestClient client = system.Client;
        long handle = client.Open("/m/f", OpenFlags.ReadWrite | OpenFlags.Create), other = client.Open("/m/f", OpenFlags.ReadWrite);
        Assert.Equal(10_000, client.Write(other, new byte[10_000], 0));
        ShownSlot slot = ShownSlot.Show(client, handle);
        Action[] changes =
        [
            () => Assert.Equal(1, client.Write(other, [1], 9_999)), () => Assert.Equal(1, client.Write(other, [1], 20_000)),
            () => Assert.Equal(0, client.Truncate(other, 5_000)), () => Assert.Equal(0, client.Truncate(other, 30_000)),
            () => Assert.Equal(0, client.Call(VfsOperation.Allocate, a0: (ulong)other, a1: 3, a2: 1024, a3: 2048)),
            () => Assert.Equal(0, client.Call(VfsOperation.Allocate, a0: (ulong)other, a1: 8, a2: 0, a3: 4096)),
        ];
        foreach (Action change in changes)
        {
            Reveal();
            Assert.Equal(FileSlots.Readable | FileSlots.HasRecord, slot.Shown);
            Assert.Equal(0, client.StatHandle(other, out TestStat stat));
            Assert.Equal((stat.Size, stat), (slot.Size, slot.Record));
            change();
            Assert.Equal(0u, slot.Shown);
        }

        Reveal();
        system.System.Clock.Advance(1_000_000);
        Assert.Equal(0, client.Call(VfsOperation.Sync, a0: (ulong)other, a1: 0));
        // Nothing that is shown has changed by that.
        Assert.Equal(0, client.StatHandle(other, out TestStat last));
        Assert.Equal(last, slot.Record);

        // A read changes the time of access, the next one does not; blocks are known when all is written.
        void Reveal()
        {
            Assert.Equal(0, client.Call(VfsOperation.Sync, a0: (ulong)other, a1: 0));
            system.System.Clock.Advance(1_000_000);
            Assert.Equal(1, client.Read(handle, 1, out _, 0));
            Assert.Equal(0, client.StatHandle(handle, out _));
        }
    }

    [Fact]
    public void While_there_is_something_to_write_no_record_is_shown()
    {
        Assert.Equal(0, system.Mount(flags: ReadWrite | RelativeAccessTime));
        TestClient client = system.Client;
        long handle = client.Open("/m/f", OpenFlags.ReadWrite | OpenFlags.Create);
        ShownSlot slot = ShownSlot.Show(client, handle);
        Assert.Equal(5_000, client.Write(handle, new byte[5_000], 0));
        system.System.Clock.Advance(1_000_000);
        Assert.Equal(1, client.Read(handle, 1, out _, 0));
        Assert.Equal(0, client.StatHandle(handle, out _));
        Assert.Equal(FileSlots.Readable, slot.Shown);
        Assert.Equal(0, client.Call(VfsOperation.Sync, a0: (ulong)handle, a1: 0));
        Assert.Equal(0, client.StatHandle(handle, out TestStat stat));
        Assert.Equal(FileSlots.HasRecord, slot.Shown); // its blocks have changed
        Assert.Equal(stat, slot.Record);
        Assert.Equal(1, client.Read(handle, 1, out _, 0));
        Assert.Equal(FileSlots.Readable | FileSlots.HasRecord, slot.Shown);
        Assert.Equal(stat, slot.Record);
    }

    [Fact]
    public void Where_each_read_changes_the_time_of_access_each_is_a_request()
    {
        Assert.Equal(0, system.Mount(flags: ReadWrite | StrictAccessTime));
        TestClient client = system.Client;
        long handle = client.Open("/m/f", OpenFlags.ReadWrite | OpenFlags.Create), quiet = client.Open("/m/f", OpenFlags.ReadOnly | OpenFlags.NoAccessTime);
        ShownSlot slot = ShownSlot.Show(client, handle);
        client.Write(handle, new byte[100], 0);
        for (int count = 0; count < 5; count++)
        {
            system.System.Clock.Advance(1_000_000);
            Assert.Equal(1, client.Read(handle, 1, out _, 0));
            Assert.Equal(0u, slot.Shown & FileSlots.Readable);
        }

        Assert.Equal(1, client.Read(quiet, 1, out _, 0));
        Assert.Equal(0u, slot.Shown & FileSlots.Readable);
    }

    [Theory]
    [InlineData(OpenFlags.ReadOnly, ContentUse.Shared, Errno.None)]
    [InlineData(OpenFlags.ReadWrite, ContentUse.Private, Errno.None)]
    [InlineData(OpenFlags.ReadWrite, ContentUse.Shared, Errno.EACCES)]
    public void What_could_be_written_by_a_mapping_is_not_mapped_again(uint open, ContentUse use, Errno expected)
    {
        Assert.Equal(0, system.Mount(flags: ReadWrite));
        TestClient client = system.Client;
        client.WriteText("/m/f", "contents");
        long handle = client.Open("/m/f", open);
        ShownSlot.Show(client, handle);
        ulong place = Window.FileContents + (client.Last.V2 - 1) * FileSlots.Stretch;
        Assert.Equal(-(long)expected, client.Call(VfsOperation.MapContent, a0: (ulong)handle, a2: place, a3: (ulong)use));
        if (expected == Errno.None)
            Assert.Equal(MapFlags.NeverWrite | MapFlags.MayRepeat, client.Channel.Maps[^1].Flags & (MapFlags.Write | MapFlags.NeverWrite | MapFlags.MayRepeat));
    }
}
