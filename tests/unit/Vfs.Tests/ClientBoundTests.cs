using System.Buffers.Binary;
using Libsys.Messages;
using Servers.Vfs.Requests;

namespace Servers.Vfs.Tests;

/// <summary>Each end of what clients can make vfs keep, reached: the errno is that of a full Linux, and what was there before still works.</summary>
public sealed class ClientBoundTests
{
    private readonly TestSystem system = new();
    private readonly TestClient client;

    public ClientBoundTests() => client = system.NewClient(1);

    [Fact]
    public void A_tmpfs_has_as_many_inodes_as_it_says()
    {
        int made = 0;
        long result;
        while ((result = client.MakeNode("/f" + made, InodeModeRegular)) == 0)
            made++;
        Assert.Equal(-(long)Errno.ENOSPC, result);
        Assert.Equal(system.Root.InodeLimit, made + 1); // and the root

        Assert.Equal(0, client.Unlink("/f0"));
        Assert.Equal(0, client.MakeNode("/again", InodeModeRegular));
    }

    [Fact]
    public void A_tmpfs_has_half_of_the_memory()
    {
        const long most = TestSystem.MemoryPages / 2 * 4096;
        client.WriteText("/kept", "contents");
        long handle = client.Open("/large", OpenFlags.Create | OpenFlags.ReadWrite);
        Assert.Equal(-(long)Errno.ENOSPC, Allocate(handle, most));
        Assert.Equal(0, Allocate(handle, most / 4));
        Assert.Equal("contents", client.ReadText("/kept"));
    }

    [Fact]
    public void A_file_has_at_most_4096_record_locks()
    {
        long handle = client.Open("/file", OpenFlags.Create | OpenFlags.ReadWrite);
        int taken = 0;
        long result;
        while ((result = LockByte(handle, 2 * taken)) == 0)
            taken++;
        Assert.Equal(-(long)Errno.ENOLCK, result);
        // A lock within a range makes three of one, so the last places are not given out.
        Assert.InRange(taken, 4095, 4096);
    }

    [Fact]
    public void As_many_requests_of_a_connection_wait_as_its_ring_has_slots()
    {
        long read = client.Pipe().Read;
        for (int count = 0; count < ClientConnection.WaitingLimit; count++)
            Assert.False(client.TryFinish(client.Background(VfsOperation.Read, default, 1, (ulong)read, ulong.MaxValue).Tag, out _));
        Assert.True(client.TryFinish(client.Background(VfsOperation.Read, default, 1, (ulong)read, ulong.MaxValue).Tag, out long result));
        Assert.InRange(result, -4095, -1);
        Assert.Equal(ClientConnection.WaitingLimit, client.Connection.Waiting.Count);
    }

    [Fact]
    public void Places_in_queues_are_bounded_for_a_connection_and_for_all()
    {
        const int files = 8192;
        Assert.Equal(ClientConnection.MostWaitNodes / files, Polls(client, files));
        int all = ClientConnection.MostWaitNodes / files;
        for (uint pid = 2; pid < 8; pid++)
            all += Polls(system.NewClient(pid), files);
        Assert.Equal(131_072 / files, all);

        // A few files can always be waited for.
        Assert.Equal(1, Polls(system.NewClient(8), 4, most: 1));
    }

    private const uint InodeModeRegular = 0x81A4; // S_IFREG | 0644

    // How many polls of so many empty pipes wait before one is refused.
    private static int Polls(TestClient who, int files, int most = int.MaxValue)
    {
        long read = who.Pipe().Read;
        byte[] entries = new byte[files * 8];
        for (int entry = 0; entry < files; entry++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(entries.AsSpan(entry * 8), (uint)read);
            BinaryPrimitives.WriteUInt16LittleEndian(entries.AsSpan(entry * 8 + 4), 1); // POLLIN
        }

        for (int waiting = 0; ; waiting++)
        {
            if (waiting == most)
                return waiting;
            if (!who.TryFinish(who.Start(VfsOperation.Poll, entries, entries.Length, 0, a0: (ulong)files, a1: 1), out long result))
                continue;
            Assert.Equal(-(long)Errno.ENOMEM, result);
            return waiting;
        }
    }

    private long Allocate(long handle, long length) => client.Call(VfsOperation.Allocate, a0: (ulong)handle, a3: (ulong)length);

    private long LockByte(long handle, long start)
    {
        const ulong set = 6;
        Span<byte> flock = stackalloc byte[32]; // struct flock, fcntl(2)
        flock.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(flock, 1); // F_WRLCK
        BinaryPrimitives.WriteInt64LittleEndian(flock[8..], start);
        BinaryPrimitives.WriteInt64LittleEndian(flock[16..], 1);
        return client.Call(VfsOperation.RecordLock, flock, a0: (ulong)handle, a1: set);
    }
}
