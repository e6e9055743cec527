using CsCheck;
using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Tests;

/// <summary>Offsets and attributes of open files in memory and by requests at once: docs/files-in-memory.md.</summary>
public sealed class FileAreaTests
{
    private const int Enough = 30;

    private readonly TestSystem system = new();

    [Fact]
    public void Requests_and_memory_are_one_offset()
    {
        Gen.Int[0, 6].Array[1, 60].Sample(steps =>
        {
            var other = new TestSystem();
            TestClient parent = other.NewClient(1);
            TestClient? child = null;
            long handle = parent.Open("/f", OpenFlags.ReadWrite | OpenFlags.Create);
            ShownSlot slot = ShownSlot.Show(parent, handle);
            long model = Seek(parent, handle, 0, 0);
            foreach (int step in steps)
            {
                switch (step)
                {
                    case 0 when slot.IsLent:
                        slot.Move(5);
                        model += 5;
                        break;
                    case 1:
                        model += 3;
                        Assert.Equal(model, Seek(parent, handle, 3, 1));
                        break;
                    case 2:
                        Assert.Equal(10, parent.Write(handle, new byte[10]));
                        model += 10;
                        break;
                    case 3 when child is null:
                        child = other.NewClient(2, parent: 1);
                        Assert.False(slot.IsLent);
                        break;
                    case 4 when child is not null:
                        model += 7;
                        Assert.Equal(model, Seek(child, handle, 7, 1));
                        break;
                    case 5 when child is not null:
                        other.Registry.Detach(child.Connection.Id);
                        child = null;
                        break;
                }

                Assert.False(slot.IsLent && child is not null, "lent while two have it");
                if (step == 6)
                    Assert.Equal(model, Seek(parent, handle, 0, 1));
            }

            Assert.Equal(model, Seek(parent, handle, 0, 1));
        }, iter: 300);
    }

    [Fact]
    public void Any_value_of_an_offset_is_harmless()
    {
        TestClient client = system.NewClient(1);
        long handle = client.Open("/f", OpenFlags.ReadWrite | OpenFlags.Create);
        client.Write(handle, new byte[100]);
        ShownSlot slot = ShownSlot.Show(client, handle);
        foreach (ulong word in (ulong[])[0, 1, long.MaxValue, ulong.MaxValue, FileSlots.Lent, FileSlots.Lent | 50, 12345])
        {
            // After an error it is not lent, and the word is nothing.
            bool isLent = slot.IsLent;
            slot.Word = word;
            long at = Seek(client, handle, 0, 1);
            Assert.InRange(at, 0, long.MaxValue);
            if (isLent && (word & FileSlots.Lent) != 0)
                Assert.Equal((long)(word & ~FileSlots.Lent), at);
            long read = client.Read(handle, 10, out _);
            Assert.InRange(read, 0, 10);
            Assert.InRange(client.Write(handle, new byte[1]), -(long)Errno.EFBIG, 1);
            client.Call(VfsOperation.Truncate, default, a0: (ulong)handle, a1: 100, a2: AtFlags.EmptyPath);
        }
    }

    [Fact]
    public void What_is_shown_is_true_after_each_change_by_anybody()
    {
        TestClient client = system.NewClient(1);
        long handle = client.Open("/f", OpenFlags.ReadWrite | OpenFlags.Create);
        client.Write(handle, new byte[100]);
        ShownSlot slot = ShownSlot.Show(client, handle);
        TestClient other = system.NewClient(2, parent: 1);
        long second = other.Open("/f", OpenFlags.ReadWrite);
        Action[] changes =
        [
            () => other.Write(second, new byte[50], 80),
            () => other.Write(second, new byte[1], 0),
            () => other.Call(VfsOperation.Truncate, default, a0: (ulong)second, a1: 20, a2: AtFlags.EmptyPath),
            () => other.Call(VfsOperation.Truncate, default, a0: (ulong)second, a1: 50_000, a2: AtFlags.EmptyPath),
            () => other.Call(VfsOperation.Allocate, default, a0: (ulong)second, a1: 1, a2: 0, a3: 20_000),
            () => other.Call(VfsOperation.Allocate, default, a0: (ulong)second, a1: 3, a2: 0, a3: 8192),
            () => other.Call(VfsOperation.ChangeMode, TestClient.Bytes("/f"), a0: VfsLimits.WorkingDirectory, a1: 0x180),
            () => other.Call(VfsOperation.ChangeOwner, TestClient.Bytes("/f"), a0: VfsLimits.WorkingDirectory, a1: 5ul | 6ul << 32),
            () => other.Call(VfsOperation.Unlink, TestClient.Bytes("/f"), a0: VfsLimits.WorkingDirectory),
        ];
        for (int change = 0; change < changes.Length; change++)
        {
            TestStat before = Stat(client, handle);
            Assert.NotEqual(0u, slot.Shown & FileSlots.HasRecord);
            Assert.Equal(before, slot.Record);
            changes[change]();
            TestStat after = slot.Shown == 0 ? default : slot.Record;
            Assert.True(slot.Shown == 0 || after == Stat(client, handle), $"change {change} left {before} to be seen");
            Assert.Equal(0u, slot.Shown);
        }
    }

    [Fact]
    public void Reads_in_memory_are_shown_where_they_change_no_more_than_is_told()
    {
        TestClient client = system.NewClient(1);
        long handle = client.Open("/f", OpenFlags.ReadWrite | OpenFlags.Create);
        client.Write(handle, new byte[5000]);
        ShownSlot slot = ShownSlot.Show(client, handle);
        client.Read(handle, 10, out _, 0);
        // The root changes access times at each read: so the program tells, and nobody sees a record that is old.
        Assert.Equal(FileSlots.Readable | FileSlots.Touches, slot.Shown);
        Stat(client, handle);
        Assert.Equal(0u, slot.Shown & FileSlots.HasRecord);
        Assert.Equal(5000, slot.Size);
        long told = system.Clock.Wall;
        slot.Accessed = (ulong)told;
        Stat(client, handle);
        Assert.Equal(told, AccessTime(client));
        // Never later than now, and never back.
        slot.Accessed = ulong.MaxValue >> 1;
        Stat(client, handle);
        Assert.InRange(AccessTime(client), told, system.Clock.Wall);
        slot.Accessed = 1;
        Stat(client, handle);
        Assert.InRange(AccessTime(client), told, system.Clock.Wall);
        // A hole is read by requests, or it would be filled.
        client.Call(VfsOperation.Truncate, default, a0: (ulong)handle, a1: 50_000, a2: AtFlags.EmptyPath);
        client.Read(handle, 10, out _, 0);
        Assert.Equal(0u, slot.Shown & FileSlots.Readable);
    }

    [Fact]
    public void Nobody_maps_more_than_his_handle_lets_him_read()
    {
        TestClient client = system.NewClient(1);
        long writer = client.Open("/f", OpenFlags.WriteOnly | OpenFlags.Create), reader = client.Open("/f", OpenFlags.ReadOnly);
        ShownSlot.Show(client, reader);
        ulong place = Window.FileContents + (client.Last.V2 - 1) * FileSlots.Stretch;
        Assert.Equal(-(long)Errno.EBADF, MapContent(client, 99, 0, place));
        Assert.Equal(-(long)Errno.EACCES, MapContent(client, writer, 0, place));
        Assert.Equal(-(long)Errno.EBADF, MapContent(client, client.Open("/f", OpenFlags.Path) + 50, 0, place));
        Assert.Equal(-(long)Errno.EACCES, MapContent(client, client.Open("/f", OpenFlags.Path), 0, place));
        Assert.Equal(-(long)Errno.ENODEV, MapContent(client, client.Open("/", OpenFlags.Directory), 0, place));
        Assert.Equal(-(long)Errno.EINVAL, MapContent(client, reader, 0, place + FileSlots.Stretch));
        Assert.Equal(-(long)Errno.EINVAL, MapContent(client, reader, 0, Window.Base));
        Assert.Equal(-(long)Errno.EINVAL, MapContent(client, reader, 0, Window.LongContents + FileSlots.Stretch));
        Assert.Equal(-(long)Errno.EINVAL, MapContent(client, reader, FileSlots.Stretch, Window.LongContents));
        Assert.Equal(-(long)Errno.EINVAL, MapContent(client, reader, 0, Window.LongContents + FileSlots.LongPlaces * FileSlots.LongStretch));
        Assert.Equal(-(long)Errno.EINVAL, MapContent(client, reader, 4096, place));
        Assert.Equal(-(long)Errno.EINVAL, MapContent(client, reader, 1ul << 63, place));
        Assert.Empty(client.Channel.Maps);
        Assert.Equal(0, MapContent(client, reader, FileSlots.Stretch, place));
        (ulong address, long length, MapFlags flags, _, long offset, _) = Assert.Single(client.Channel.Maps);
        Assert.Equal((place, (long)FileSlots.Stretch, (long)FileSlots.Stretch), (address, length, offset));
        Assert.Equal(MapFlags.Read | MapFlags.Shared | MapFlags.Replace | MapFlags.ForkOmit | MapFlags.NeverWrite | MapFlags.NeverExecute, flags);
        ulong last = Window.LongContents + (FileSlots.LongPlaces - 1) * FileSlots.LongStretch;
        Assert.Equal(0, MapContent(client, reader, FileSlots.LongStretch, last));
        Assert.Equal((last, (long)FileSlots.LongStretch), (client.Channel.Maps[^1].Address, client.Channel.Maps[^1].Length));
        Assert.Equal(flags, client.Channel.Maps[^1].Flags);
    }

    [Theory]
    [InlineData(OpenFlags.ReadOnly, ContentUse.Private, MapFlags.NeverWrite)]
    [InlineData(OpenFlags.ReadOnly, ContentUse.Shared, MapFlags.NeverWrite)]
    [InlineData(OpenFlags.ReadWrite, ContentUse.Private, MapFlags.NeverWrite)]
    [InlineData(OpenFlags.ReadWrite, ContentUse.Shared, MapFlags.None)]
    public void What_may_be_mapped_again_may_become_what_mmap_would_give(uint open, ContentUse use, MapFlags withheld)
    {
        TestClient client = system.NewClient(1);
        client.WriteText("/f", "contents");
        long handle = client.Open("/f", open);
        ShownSlot.Show(client, handle);
        ulong place = Window.FileContents + (client.Last.V2 - 1) * FileSlots.Stretch;
        Assert.Equal(-(long)Errno.EINVAL, MapContent(client, handle, 0, place, ContentUse.Shared + 1));
        Assert.Equal(0, MapContent(client, handle, 0, place, use));
        Assert.Equal(MapFlags.Read | MapFlags.Shared | MapFlags.Replace | MapFlags.ForkOmit | MapFlags.MayRepeat | withheld, client.Channel.Maps[^1].Flags);
    }

    [Fact]
    public void Who_maps_often_what_could_be_mapped_again_gets_a_slot()
    {
        TestClient client = system.NewClient(1);
        client.WriteText("/f", "contents");
        long handle = client.Open("/f", OpenFlags.ReadWrite);
        Assert.Equal(0ul, Often(MapFlags.Read | MapFlags.Replace));
        Assert.Equal(0ul, Often(MapFlags.Read | MapFlags.Execute));
        Assert.Equal(0ul, Often(MapFlags.Read | MapFlags.Write | MapFlags.Shared));
        Assert.Equal(0ul, Often(MapFlags.Read, FileSlots.Stretch + CachedFile.PageSize));
        Assert.Equal(FileSlots.AreaWanted, Often(MapFlags.Read | MapFlags.Shared));
        Assert.Equal(0, client.Call(VfsOperation.MapFileArea, a0: Window.FileArea));
        Assert.InRange(Often(MapFlags.Read | MapFlags.Write), 1ul, FileSlots.Count);

        ulong Often(MapFlags flags, ulong length = CachedFile.PageSize)
        {
            ulong told = 0;
            for (int count = 0; count < Enough; count++)
            {
                Assert.Equal(0, client.Call(VfsOperation.Map, a0: (ulong)handle, a2: length, a3: (ulong)flags, a4: 0x5000_0000));
                told |= client.Last.V2;
            }

            return told;
        }
    }

    [Fact]
    public void Areas_and_slots_are_bounded_and_come_back()
    {
        TestClient client = system.NewClient(1);
        Assert.Equal(-(long)Errno.EINVAL, client.Call(VfsOperation.MapFileArea, a0: Window.MemorySources));
        var handles = new List<long>();
        for (int count = 0; count < FileSlots.Count + 5; count++)
            handles.Add(client.Open("/f", OpenFlags.ReadWrite | OpenFlags.Create));
        ShownSlot.Show(client, handles[0]);
        Assert.Equal(-(long)Errno.EEXIST, client.Call(VfsOperation.MapFileArea, a0: Window.FileArea));
        int shown = handles.Count(handle => SlotOf(client, handle) is > 0 and <= FileSlots.Count);
        Assert.Equal((int)FileSlots.Count, shown);
        foreach (long handle in handles)
            client.Close(handle);
        long again = client.Open("/f", OpenFlags.ReadWrite);
        Assert.InRange(SlotOf(client, again), 1ul, FileSlots.Count);
        Assert.Equal(1, system.FileAreas.Count);
        system.Registry.Detach(client.Connection.Id);
        Assert.Equal(0, system.FileAreas.Count);
        system.FileAreas.Most = 0;
        TestClient late = system.NewClient(2);
        Assert.Equal(-(long)Errno.ENOMEM, late.Call(VfsOperation.MapFileArea, a0: Window.FileArea));
    }

    [Fact]
    public void Who_opens_reads_and_closes_gets_no_slot()
    {
        TestClient client = system.NewClient(1);
        client.Close(client.Open("/f", OpenFlags.ReadWrite | OpenFlags.Create));
        for (int round = 0; round < 100; round++)
        {
            long handle = client.Open("/f");
            Stat(client, handle);
            client.Read(handle, 100, out _);
            client.Read(handle, 100, out _);
            Assert.Equal(0ul, client.Last.V2);
            client.Close(handle);
        }
    }

    private static long MapContent(TestClient client, long handle, ulong offset, ulong address, ContentUse use = ContentUse.Read) =>
        client.Call(VfsOperation.MapContent, a0: (ulong)handle, a1: offset, a2: address, a3: (ulong)use);

    private static long Seek(TestClient client, long handle, long offset, ulong whence) =>
        client.Call(VfsOperation.Seek, a0: (ulong)handle, a1: (ulong)offset, a2: whence);

    private static TestStat Stat(TestClient client, long handle)
    {
        Assert.Equal(0, client.Call(VfsOperation.Stat, default, StatLayout.Length, (ulong)handle, AtFlags.EmptyPath));
        return TestStat.Read(client.Channel.Pool);
    }

    // Of the last Stat.
    private static long AccessTime(TestClient client)
    {
        ReadOnlySpan<byte> time = client.Channel.Pool[StatLayout.AccessTime..];
        return BitConverter.ToInt64(time) * 1_000_000_000 + BitConverter.ToInt64(time[8..]);
    }

    // What the answer to the next requests says.
    private static ulong SlotOf(TestClient client, long handle)
    {
        for (int round = 0; round < Enough; round++)
            Seek(client, handle, 0, 1);
        return client.Last.V2;
    }
}
