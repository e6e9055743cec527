using System.Buffers.Binary;
using System.Text;
using Libsys.Abi;
using Libsys.Messages;
using Servers.Vfs.Objects;
using Servers.Vfs.SystemV;

namespace Servers.Vfs.Tests;

/// <summary>System V shared memory: who may what, who is counted, when a segment goes; and arguments that lie.</summary>
public sealed class SegmentTests
{
    private const ulong Page = 4096, Address = 0x5000_0000;
    private const uint Create = SystemVNumbers.Create, OwnerOnly = 0x180; // 0600

    private readonly TestSystem system = new();
    private readonly TestClient client;

    public SegmentTests() => client = system.NewClient(1);

    private Segments Segments => system.SystemV.Segments;

    [Fact]
    public void Mappings_are_counted_where_they_are_and_a_removed_segment_goes_with_the_last()
    {
        int id = Make(2 * Page);
        Assert.Equal(0, Attach(client, id));
        (ulong address, long length, MapFlags flags, var pages, long offset, uint label) = Assert.Single(client.Channel.Maps);
        Assert.Equal((Address, (long)(2 * Page), 0L, SegmentLabel.Mark | (uint)id), (address, length, offset, label));
        Assert.Equal(MapFlags.Read | MapFlags.Write | MapFlags.Shared, flags);
        var mapped = (TestMappedPages)pages;
        Assert.True(mapped.Store(system.Memory.Cache, 1, 7, 99));
        Assert.Equal(1, Attached(id));

        mapped.Mappings = 2; // a fork, of which nobody tells
        Assert.Equal(2, Attached(id));
        Assert.Equal(0, Control(client, id, SystemVNumbers.Remove));
        Assert.Equal((ulong)SegmentNumbers.Destroyed, Mode(id) & SegmentNumbers.Destroyed);
        Assert.Equal(0, Attach(client, id));
        mapped.Mappings = 1;
        Assert.Equal(0, client.Call(VfsOperation.SegmentDetached, a0: (ulong)id));
        Assert.Equal(1, Attached(id));
        mapped.Mappings = 0;
        Assert.Equal(0, client.Call(VfsOperation.SegmentDetached, a0: (ulong)id));
        Assert.Equal(-(long)Errno.EINVAL, Control(client, id, SystemVNumbers.Stat));
        Assert.Equal(-(long)Errno.EINVAL, Attach(client, id));
        Assert.True(mapped.IsClosed);
        Assert.Equal(0, Segments.TotalPages);
    }

    [Fact]
    public void Who_says_that_it_has_detached_and_has_not_changes_nothing()
    {
        int id = Make(Page);
        Attach(client, id);
        Control(client, id, SystemVNumbers.Remove);
        Segment segment = Segments.Find(id)!;
        long time = segment.DetachTime;
        Assert.Equal(0, system.NewClient(2).Call(VfsOperation.SegmentDetached, a0: (ulong)id));
        Assert.Equal(0, client.Call(VfsOperation.SegmentDetached, a0: (ulong)id));
        Assert.Equal(0, client.Call(VfsOperation.SegmentDetached, a0: 12345));
        Assert.Equal((1L, time, 1u), (segment.Attached, segment.DetachTime, segment.Last));
    }

    [Fact]
    public void The_end_of_a_space_and_its_copy_are_noticed_at_once()
    {
        int id = Make(Page);
        Attach(client, id);
        Segment segment = Segments.Find(id)!;
        var mapped = (TestMappedPages)client.Channel.Maps[0].Pages;
        long attached = segment.AttachTime;
        mapped.Mappings = 2;
        TestClient child = system.NewClient(2, parent: 1);
        Assert.True(segment.Attached == 2 && segment.AttachTime > attached && segment.Last == 1);
        Control(client, id, SystemVNumbers.Remove);
        mapped.Mappings = 1;
        system.Registry.Detach(child.Connection.Id);
        Assert.True(segment.Attached == 1 && segment.DetachTime > segment.AttachTime && segment.Last == 2);
        mapped.Mappings = 0;
        system.Registry.Detach(client.Connection.Id);
        Assert.True(segment.IsGone);
    }

    /// <summary>A mode, who asks, and what is refused: attaching to write, to read, shmget for both, the state, removal.</summary>
    [Theory]
    [InlineData(0x180u, 1000u, "EACCES EACCES EACCES EACCES EPERM")]
    [InlineData(0x1B0u, 1000u, "EACCES EACCES EACCES EACCES EPERM")]
    [InlineData(0x184u, 1000u, "EACCES None EACCES None EPERM")]
    [InlineData(0x186u, 1000u, "None None None None EPERM")]
    [InlineData(0u, 0u, "None None None None None")]
    public void Rights_are_those_of_the_mode(uint mode, uint user, string expected)
    {
        int id = (int)client.Call(VfsOperation.GetSegment, a0: 5, a1: Page, a2: Create | mode);
        TestClient asking = system.NewClient(2);
        system.Registry.SetCredentials(2, new Credentials(user, user, user, user, []));
        long[] results =
        [
            Attach(asking, id), Attach(asking, id, SegmentNumbers.ReadOnly), Math.Min(0, asking.Call(VfsOperation.GetSegment, a0: 5, a2: 6)),
            Control(asking, id, SystemVNumbers.Stat), Control(asking, id, SystemVNumbers.Remove),
        ];
        Assert.Equal(expected, string.Join(' ', results.Select(result => (Errno)(-result))));
        Assert.All(asking.Channel.Maps, map => Assert.Equal((map.Flags & MapFlags.Write) == 0, (map.Flags & MapFlags.NeverWrite) != 0));
    }

    [Theory]
    [InlineData(Address + 1, 0)]
    [InlineData(Window.Base - Page, 0)]
    [InlineData(Window.Base, 0)]
    [InlineData(Window.VfsConnection, (ulong)MapFlags.Replace)]
    [InlineData(Page, 0)]
    [InlineData(ulong.MaxValue - Page + 1, 0)]
    [InlineData(Address, (ulong)(MapFlags.Replace | MapFlags.MayRepeat))]
    [InlineData(Address, (ulong)MapFlags.ForkOmit)]
    public void Nothing_is_mapped_at_the_window_or_with_flags_of_the_kernel(ulong address, ulong flags)
    {
        int id = Make(2 * Page);
        Assert.Equal(-(long)Errno.EINVAL, client.Call(VfsOperation.AttachSegment, a0: (ulong)id, a2: address, a3: flags));
        Assert.Empty(client.Channel.Maps);
        Assert.Equal(0, Attached(id));
    }

    [Fact]
    public void Ids_are_not_soon_given_again_and_the_number_of_segments_is_bounded()
    {
        var seen = new HashSet<int>();
        for (int turn = 0; turn < 500; turn++)
        {
            int id = Make(1);
            Assert.True(seen.Add(id));
            Assert.Equal(0, Control(client, id, SystemVNumbers.Remove));
            Assert.Equal(-(long)Errno.EINVAL, Control(client, id, SystemVNumbers.Remove));
        }

        for (int count = 0; count < Segments.DefaultMost; count++)
            Assert.True(Make(1) >= 0);
        Assert.Equal(-(long)Errno.ENOSPC, client.Call(VfsOperation.GetSegment, a1: 1, a2: OwnerOnly));
        Assert.Equal(Segments.DefaultMost, Segments.Table.All.Select(segment => segment.Id).Distinct().Count());
    }

    [Fact]
    public void Noise_gets_an_answer_and_buffers_that_are_too_short_are_refused()
    {
        int id = Make(Page);
        uint[] commands = [SystemVNumbers.Stat, SystemVNumbers.Set, SegmentNumbers.StatIndex, SegmentNumbers.StatAny, SystemVNumbers.Information];
        foreach (uint command in commands)
        {
            ulong which = command is SegmentNumbers.StatIndex or SegmentNumbers.StatAny ? (ulong)Segments.Find(id)!.Place : (ulong)id;
            Assert.Equal(-(long)Errno.EINVAL, client.Call(VfsOperation.ControlSegment, default, 10, which, command));
        }

        var random = new Random(1);
        for (int turn = 0; turn < 20_000; turn++)
        {
            var operation = (VfsOperation)random.Next((int)VfsOperation.GetSegment, (int)VfsOperation.ControlSegment + 1);
            ulong a = random.Next(3) == 0 ? (ulong)random.NextInt64() : (ulong)random.Next(-1, 200);
            Assert.InRange(client.Call(operation, default, random.Next(200), a, (ulong)random.Next(20), (ulong)random.Next(4) << 12, 0), -4095, int.MaxValue);
        }
    }

    [Fact]
    public void Pages_of_all_segments_are_bounded_and_come_back()
    {
        const int most = 100;
        var bounded = new Segments(system.Memory.Cache, most, TestSystem.MemoryPages, system.Clock);
        for (int round = 0; round < 2; round++)
        {
            Assert.Equal(Errno.None, bounded.Get(0, 1000 * Page, OwnerOnly, system.Registry.Processes[1], out Segment? segment));
            Assert.Equal(Errno.None, segment!.Content.Map(client.Channel, segment.Name, Address, 0, segment.Content.Size, MapFlags.Read | MapFlags.Shared));
            var mapped = (TestMappedPages)client.Channel.Maps[^1].Pages;
            Assert.Equal(most, Enumerable.Range(0, 1000).Count(page => mapped.Touch(system.Memory.Cache, page, write: true) != null));
            bounded.Remove(segment);
            Assert.False(segment.IsGone);
            mapped.Mappings = 0;
            bounded.Changed(0);
            Assert.True(segment.IsGone);
        }
    }

    [Fact]
    public void A_segment_is_named_by_its_key_where_mappings_are_shown()
    {
        int id = (int)client.Call(VfsOperation.GetSegment, a0: 0xABC, a1: Page, a2: Create | OwnerOnly);
        Location name = Segments.Find(id)!.Name;
        Assert.Equal("SYSV00000abc", Encoding.ASCII.GetString(name.Dentry.Name));
        Assert.Equal((ulong)id, name.Inode.Number);
    }

    private int Make(ulong size)
    {
        long id = client.Call(VfsOperation.GetSegment, a1: size, a2: OwnerOnly);
        Assert.InRange(id, 0, int.MaxValue);
        return (int)id;
    }

    private static long Attach(TestClient by, int id, uint how = 0) => by.Call(VfsOperation.AttachSegment, a0: (ulong)id, a1: how, a2: Address);

    private static long Control(TestClient by, int id, uint command) =>
        by.Call(VfsOperation.ControlSegment, default, SegmentLayout.Length, (ulong)id, command);

    private long Attached(int id)
    {
        Assert.Equal(0, Control(client, id, SystemVNumbers.Stat));
        return BinaryPrimitives.ReadInt64LittleEndian(client.Channel.Pool[SegmentLayout.Attached..]);
    }

    private ulong Mode(int id)
    {
        Assert.Equal(0, Control(client, id, SystemVNumbers.Stat));
        return BinaryPrimitives.ReadUInt32LittleEndian(client.Channel.Pool[PermissionLayout.Mode..]);
    }
}
