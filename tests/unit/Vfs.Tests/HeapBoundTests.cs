using System.Buffers.Binary;
using Libsys.Hosting;
using Libsys.Messages;
using Libsys.Rings;
using Servers.Vfs.Requests;

namespace Servers.Vfs.Tests;

/// <summary>What clients make vfs keep in its own heap has an end, and comes back.</summary>
public sealed class HeapBoundTests
{
    private const ushort WriteLock = 1, Unlock = 2;

    private readonly TestSystem system = new();
    private readonly TestClient client;

    public HeapBoundTests() => client = system.NewClient(1);

    private Budget Memory => client.Connection.Slots[1].Handles.Memory;

    [Fact]
    public void Holes_in_locked_ranges_are_bounded_and_closing_gives_all_back()
    {
        long handle = client.Open("/file", OpenFlags.Create | OpenFlags.ReadWrite);
        Assert.Equal(0, LockRange(handle, WriteLock, 0, 0));
        long result = 0;
        long hole = 1;
        for (; result == 0 && hole < 100_000; hole += 2)
            result = LockRange(handle, Unlock, hole, 1);
        Assert.Equal(-(long)Errno.ENOLCK, result);
        Assert.True(Memory.Used > 0);

        // What does not need more still works.
        Assert.Equal(0, LockRange(handle, Unlock, 0, 1));
        client.Close(handle);
        Assert.Equal(0, Memory.Used);
    }

    [Fact]
    public void Texts_of_symbolic_links_are_bounded_and_removing_gives_them_back()
    {
        string text = new('x', 4000);
        int count = 0;
        long result = 0;
        for (; result == 0 && count < 20_000; count++)
            result = client.SymbolicLink(text, "/l" + count);
        Assert.Equal(-(long)Errno.ENOSPC, result);
        for (int link = 0; link < count - 1; link++)
            Assert.Equal(0, client.Unlink("/l" + link));
        Assert.Equal(0, system.Root.Kept.Used);
    }

    [Fact]
    public void A_page_far_away_counts_for_the_map_of_its_segment()
    {
        const long far = 100 << 20, mebibyte = 1 << 20;
        Budget kept = system.Root.Kept;
        long handle = client.Open("/file", OpenFlags.Create | OpenFlags.ReadWrite);
        Assert.Equal(1, client.Write(handle, [1], far));
        Assert.True(kept.Used > 0);
        for (; kept.HasRoom(mebibyte); kept.Take(mebibyte))
        {
        }

        kept.Take(mebibyte);
        Assert.Equal(-(long)Errno.ENOSPC, client.Write(handle, [1], 0));
        Assert.Equal(1, client.Write(handle, [1], far + 1));
        client.Close(handle);
        long before = kept.Used;
        Assert.Equal(0, client.Unlink("/file"));
        Assert.True(kept.Used < before);
    }

    [Fact]
    public void Without_room_what_grows_is_refused_and_what_shrinks_is_not()
    {
        var full = new TestSystem(room: new NoRoom());
        TestClient late = full.NewClient(1);
        Assert.Equal(-(long)Errno.ENOMEM, late.MakeDirectory("/directory"));
        Assert.Equal(-(long)Errno.ENOENT, late.Unlink("/file"));
    }

    [Fact]
    public void Without_room_only_a_few_requests_wait_and_each_can_be_cancelled()
    {
        const int always = 8;
        var full = new TestSystem(room: new NoRoom());
        TestClient late = full.NewClient(1);
        var tags = new Queue<ulong>();
        for (int count = 0; count < always; count++)
            tags.Enqueue(late.Submit(VfsOperation.Poll, a1: 1));
        ulong refused = late.Submit(VfsOperation.Poll, a1: 1);
        Assert.Equal(-(long)Errno.ENOMEM, late.TakeAnswer(refused));
        Assert.Equal(-(long)Errno.ENOENT, late.CallBeside(VfsOperation.Unlink, VfsLimits.WorkingDirectory, payload: "/none"u8));
        while (tags.TryDequeue(out ulong tag))
        {
            Assert.Equal(0, late.CallBeside(VfsOperation.Cancel, tag));
            Assert.Equal(-(long)Errno.EINTR, late.TakeAnswer(tag));
        }
    }

    [Fact]
    public void A_cancellation_of_itself_ends_nothing()
    {
        const ulong tag = ulong.MaxValue;
        system.Server.Submit(client.Connection, new Submission { Tag = tag, Operation = (ushort)VfsOperation.Cancel, ProcessSlot = 1, A0 = tag });
        Assert.Equal(0, client.TakeAnswer(tag));
        Assert.Empty(client.Connection.Waiting);
    }

    private long LockRange(long handle, ushort type, long start, long length)
    {
        const ulong set = 6;
        Span<byte> flock = stackalloc byte[32]; // struct flock, fcntl(2)
        flock.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(flock, type);
        BinaryPrimitives.WriteInt64LittleEndian(flock[8..], start);
        BinaryPrimitives.WriteInt64LittleEndian(flock[16..], length);
        return client.Call(VfsOperation.RecordLock, flock, a0: (ulong)handle, a1: set);
    }

    private sealed class NoRoom : IHeapRoom
    {
        public bool Has(bool isPrivileged) => false;
    }
}
