using CsCheck;
using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;

namespace Servers.Vfs.Tests;

/// <summary>Offsets that several programs move in the page of a description, and by requests: docs/files-in-memory.md.</summary>
public sealed class SharedOffsetTests
{
    private const int Often = 30;
    private const ulong Place = Window.MemorySources + 5 * EventCounterPage.Length;

    [Fact]
    public void Requests_and_memory_of_several_programs_are_one_offset()
    {
        Gen.Int[0, 6].Array[1, 60].Sample(steps =>
        {
            var system = new TestSystem();
            TestClient parent = system.NewClient(1);
            long handle = parent.Open("/f", OpenFlags.ReadWrite | OpenFlags.Create);
            parent.Write(handle, new byte[1000], 0);
            for (int count = 0; count < 4; count++)
                parent.Seek(handle, 0, 0);
            TestClient child = system.NewClient(2, parent: 1);
            TestClient? third = null;
            MappedMemory page = Share(parent, handle);
            Assert.Equal(0, Map(child, handle));
            Assert.Same(page, child.Channel.Sources[Place].Memory);
            long model = parent.Seek(handle, 0, 0);
            foreach (int step in steps)
            {
                switch (step)
                {
                    case 0 when (page.ReadUInt64(OffsetPage.Offset) & FileSlots.Lent) != 0:
                        page.WriteUInt64(OffsetPage.Offset, page.ReadUInt64(OffsetPage.Offset) + 5);
                        model += 5;
                        break;
                    case 1:
                        Assert.Equal(model += 3, parent.Seek(handle, 3, 1));
                        break;
                    case 2:
                        Assert.Equal(model += 7, child.Seek(handle, 7, 1));
                        break;
                    case 3:
                        Assert.Equal(10, child.Write(handle, new byte[10]));
                        model += 10;
                        break;
                    case 4:
                        long read = parent.Read(handle, 4, out _);
                        Assert.InRange(read, 0, 4);
                        model += read;
                        break;
                    case 5 when third is null:
                        third = system.NewClient(3, parent: 1);
                        break;
                    case 6 when third is not null:
                        Assert.Equal(model += 1, third.Seek(handle, 1, 1));
                        system.Registry.Detach(third.Connection.Id);
                        third = null;
                        break;
                }
            }

            Assert.Equal(model, child.Seek(handle, 0, 1));
            Assert.Equal((ulong)model | FileSlots.Lent, page.ReadUInt64(OffsetPage.Offset));
        }, iter: 300, threads: 1);
    }

    [Fact]
    public void Slots_of_all_handles_point_to_the_page_once_it_is_worth_one()
    {
        var system = new TestSystem();
        TestClient parent = system.NewClient(1);
        long handle = parent.Open("/f", OpenFlags.ReadWrite | OpenFlags.Create);
        MappedMemory slots = Area(parent);
        for (int count = 0; count < Often; count++)
            parent.Seek(handle, 1, 0);
        Assert.Equal(1 | FileSlots.Lent, slots.ReadUInt64(FileSlots.Offset));
        Assert.Equal(-(long)Errno.ENODEV, Map(parent, handle));
        TestClient child = system.NewClient(2, parent: 1);
        Assert.Equal(0ul, slots.ReadUInt64(FileSlots.Offset));
        MappedMemory others = Area(child);
        child.Seek(handle, 1, 0);
        Assert.Equal(0ul, others.ReadUInt64(FileSlots.Offset));
        for (int count = 0; count < Often; count++)
            child.Seek(handle, 1, 0);
        Assert.Equal(FileSlots.Shared, others.ReadUInt64(FileSlots.Offset));
        Assert.Equal(0, Map(child, handle));
        MappedMemory page = child.Channel.Sources[Place].Memory;
        ulong number = page.ReadUInt64(OffsetPage.Description);
        Assert.NotEqual(0ul, number);
        Assert.Equal(FileSlots.Shared | number, others.ReadUInt64(FileSlots.Offset));
        Assert.Equal(FileSlots.Shared | number, slots.ReadUInt64(FileSlots.Offset));
        // It stays there when one is left, and another description has another number.
        system.Registry.Detach(child.Connection.Id);
        page.WriteUInt64(OffsetPage.Offset, 77 | FileSlots.Lent);
        Assert.Equal(78, parent.Seek(handle, 1, 1));
        Assert.Equal(78 | FileSlots.Lent, page.ReadUInt64(OffsetPage.Offset));
        long other = parent.Open("/g", OpenFlags.ReadWrite | OpenFlags.Create);
        system.NewClient(4, parent: 1);
        Assert.Equal(0, parent.Call(VfsOperation.MapSource, a0: (ulong)other, a1: Place + EventCounterPage.Length));
        Assert.NotEqual(number, parent.Channel.Sources[Place + EventCounterPage.Length].Memory.ReadUInt64(OffsetPage.Description));
    }

    [Fact]
    public void Any_value_is_harmless()
    {
        var system = new TestSystem();
        TestClient parent = system.NewClient(1);
        long handle = parent.Open("/f", OpenFlags.ReadWrite | OpenFlags.Create);
        parent.Write(handle, new byte[100], 0);
        TestClient child = system.NewClient(2, parent: 1);
        MappedMemory page = Share(parent, handle);
        foreach (ulong word in (ulong[])[0, 1, long.MaxValue, ulong.MaxValue, FileSlots.Lent, FileSlots.Lent | 50, FileSlots.Shared | 3, 12345])
        {
            page.WriteUInt64(OffsetPage.Offset, word);
            page.WriteUInt64(OffsetPage.Description, word);
            Assert.InRange(child.Seek(handle, 0, 1), 0, long.MaxValue);
            page.WriteUInt64(OffsetPage.Offset, word);
            Assert.InRange(child.Read(handle, 10, out _), 0, 10);
            page.WriteUInt64(OffsetPage.Offset, word);
            Assert.InRange(parent.Write(handle, new byte[1]), -(long)Errno.EFBIG, 1);
        }

        Assert.Equal(20, parent.Seek(handle, 20, 0));
        Assert.Equal(20, child.Seek(handle, 0, 1));
    }

    [Fact]
    public void The_page_goes_with_the_description_and_only_who_has_a_handle_maps_it()
    {
        var system = new TestSystem();
        TestClient parent = system.NewClient(1), stranger = system.NewClient(9);
        long handle = parent.Open("/f", OpenFlags.ReadOnly | OpenFlags.Create);
        TestClient child = system.NewClient(2, parent: 1);
        int before = system.SourcePages.Count;
        Share(parent, handle);
        Assert.Equal(before + 1, system.SourcePages.Count);
        Assert.Equal(-(long)Errno.EBADF, Map(stranger, handle + 100));
        Assert.Equal(-(long)Errno.EINVAL, child.Call(VfsOperation.MapSource, a0: (ulong)handle, a1: Place + 8));
        Assert.Equal(-(long)Errno.EINVAL, child.Call(VfsOperation.MapSource, a0: (ulong)handle, a1: Window.FileArea));
        Assert.Equal(0, parent.Close(handle));
        Assert.Equal(before + 1, system.SourcePages.Count);
        Assert.Equal(0, child.Close(handle));
        Assert.Equal(before, system.SourcePages.Count);
    }

    // Maps the page by one of two who have a description.
    private static MappedMemory Share(TestClient client, long handle)
    {
        Assert.Equal(0, Map(client, handle));
        return client.Channel.Sources[Place].Memory;
    }

    private static MappedMemory Area(TestClient client)
    {
        Assert.Equal(0, client.Call(VfsOperation.MapFileArea, a0: Window.FileArea));
        return client.Channel.Sources[Window.FileArea].Memory;
    }

    private static long Map(TestClient client, long handle) => client.Call(VfsOperation.MapSource, a0: (ulong)handle, a1: Place);
}
