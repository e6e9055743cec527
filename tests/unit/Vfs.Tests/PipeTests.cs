using CsCheck;
using Libsys.Messages;
using Servers.Vfs.Pipes;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Tests;

public class PipeTests
{
    private readonly TestSystem system;
    private readonly TestClient client;

    public PipeTests()
        : this(RootKind.Tmpfs)
    {
    }

    protected PipeTests(RootKind kind)
    {
        system = new TestSystem(kind);
        client = system.NewClient(1);
    }

    [Fact]
    public void Bytes_come_out_as_they_went_in()
    {
        (long read, long write) = client.Pipe();
        Assert.Equal(5, client.Write(write, "hello"u8));
        Assert.Equal(5, client.Read(read, 100, out byte[] data));
        Assert.Equal("hello"u8.ToArray(), data);
    }

    [Fact]
    public void A_waiting_reader_gets_the_bytes_of_a_writer()
    {
        (long read, long write) = client.Pipe();
        (ulong tag, int offset) = client.Background(VfsOperation.Read, default, 100, (ulong)read, ulong.MaxValue);
        Assert.False(client.TryFinish(tag, out _));
        Assert.Equal(3, client.Write(write, "abc"u8));
        Assert.True(client.TryFinish(tag, out long result));
        Assert.Equal(3, result);
        Assert.Equal("abc"u8.ToArray(), client.Channel.Pool.Slice(offset, 3).ToArray());
    }

    [Fact]
    public void The_last_writer_s_close_ends_the_file_and_the_last_reader_s_breaks_the_pipe()
    {
        (long read, long write) = client.Pipe();
        (ulong tag, _) = client.Background(VfsOperation.Read, default, 100, (ulong)read, ulong.MaxValue);
        client.Close(write);
        Assert.True(client.TryFinish(tag, out long result));
        Assert.Equal(0, result);

        (read, write) = client.Pipe();
        client.Close(read);
        Assert.Equal(-(long)Errno.EPIPE, client.Write(write, "x"u8));
    }

    [Fact]
    public void A_full_pipe_makes_a_writer_wait_until_a_page_is_free()
    {
        (long read, long write) = client.Pipe();
        Assert.Equal(65536, client.Write(write, new byte[65536]));
        (ulong tag, _) = client.Background(VfsOperation.Write, new byte[4096], -1, (ulong)write, ulong.MaxValue);
        Assert.False(client.TryFinish(tag, out _));
        client.Read(read, 4095, out _);
        Assert.False(client.TryFinish(tag, out _), "a write of PIPE_BUF bytes must not be split");
        client.Read(read, 1, out _);
        Assert.True(client.TryFinish(tag, out long result));
        Assert.Equal(4096, result);
    }

    [Fact]
    public void A_cancelled_write_answers_with_what_it_moved()
    {
        (_, long write) = client.Pipe();
        Assert.Equal(60000, client.Write(write, new byte[60000]));
        (ulong tag, _) = client.Background(VfsOperation.Write, new byte[10000], -1, (ulong)write, ulong.MaxValue);
        Assert.False(client.TryFinish(tag, out _));
        Assert.Equal(0, client.Call(VfsOperation.Cancel, a0: tag));
        Assert.True(client.TryFinish(tag, out long result));
        Assert.Equal(5536, result);
    }

    [Fact]
    public void A_cancelled_read_is_interrupted_and_leaves_the_pipe_usable()
    {
        (long read, long write) = client.Pipe();
        (ulong tag, _) = client.Background(VfsOperation.Read, default, 10, (ulong)read, ulong.MaxValue);
        client.Call(VfsOperation.Cancel, a0: tag);
        Assert.True(client.TryFinish(tag, out long result));
        Assert.Equal(-(long)Errno.EINTR, result);
        client.Write(write, "z"u8);
        Assert.Equal(1, client.Read(read, 10, out _));
    }

    [Fact]
    public void Non_blocking_ends_never_wait()
    {
        (long read, long write) = client.Pipe(OpenFlags.NonBlock);
        Assert.Equal(-(long)Errno.EAGAIN, client.Read(read, 1, out _));
        Assert.Equal(65536, client.Write(write, new byte[65536]));
        Assert.Equal(-(long)Errno.EAGAIN, client.Write(write, "x"u8));
        client.Read(read, 100, out _);
        Assert.Equal(-(long)Errno.EAGAIN, client.Write(write, new byte[4096]));
        Assert.Equal(100, client.Write(write, new byte[5000]));
    }

    [Fact]
    public void A_client_that_dies_releases_its_ends()
    {
        (long read, long write) = client.Pipe();
        TestClient child = system.NewClient(2, parent: 1);
        client.Close(write);
        (ulong tag, _) = client.Background(VfsOperation.Read, default, 10, (ulong)read, ulong.MaxValue);
        (ulong childTag, _) = child.Background(VfsOperation.Read, default, 10, (ulong)read, ulong.MaxValue);
        Assert.False(client.TryFinish(tag, out _));
        Assert.NotNull(system.Registry.Detach(child.Connection.Id));
        Assert.True(client.TryFinish(tag, out long result));
        Assert.Equal(0, result);
        Assert.False(child.TryFinish(childTag, out _));
    }

    [Fact]
    public void Poll_waits_until_something_is_ready()
    {
        (long read, long write) = client.Pipe();
        byte[] entries = [(byte)read, 0, 0, 0, 1, 0, 0, 0];
        Assert.Equal(0, client.Call(VfsOperation.Poll, entries, a0: 1, a1: 0));
        (ulong tag, int offset) = client.Background(VfsOperation.Poll, entries, -1, 1, 1);
        Assert.False(client.TryFinish(tag, out _));
        client.Write(write, "x"u8);
        Assert.True(client.TryFinish(tag, out long ready));
        Assert.Equal(1, ready);
        Assert.Equal(PollEvents.In, client.Channel.Pool[offset + 6]);
        client.Close(write);
        client.Call(VfsOperation.Poll, entries, a0: 1, a1: 0);
        Assert.Equal(PollEvents.In | PollEvents.HangUp, client.Channel.Pool[6]);
    }

    [Fact]
    public void A_fifo_joins_two_processes_once_both_have_opened_it()
    {
        Assert.Equal(0, client.MakeNode("/fifo", InodeMode.Fifo | 0x1A4));
        TestClient other = system.NewClient(2, parent: 1);
        (ulong tag, _) = client.Background(VfsOperation.Open, "/fifo"u8, -1, VfsLimits.WorkingDirectory, OpenFlags.ReadOnly);
        Assert.False(client.TryFinish(tag, out _));
        long write = other.Open("/fifo", OpenFlags.WriteOnly);
        Assert.True(write >= 0);
        Assert.True(client.TryFinish(tag, out long read));
        Assert.True(read >= 0);
        other.Write(write, "through"u8);
        Assert.Equal(7, client.Read(read, 100, out _));
        Assert.Equal(-(long)Errno.ENXIO, Reopen(other, write, read));
    }

    private long Reopen(TestClient other, long write, long read)
    {
        other.Close(write);
        client.Close(read);
        return client.Open("/fifo", OpenFlags.WriteOnly | OpenFlags.NonBlock);
    }

    [Fact]
    public void Copies_of_a_pipe_s_bytes_are_whole_wherever_they_lie()
    {
        Gen<int> any = Gen.Int[0, 70_000];
        Gen.Select(Gen.Int[1, 70_000], any, any, any, any).Sample((before, skipped, after, filled, length) =>
        {
            var memory = new PipeMemory();
            byte[] taken = new byte[PipeBuffer.LargestCapacity];
            Pipe source = NewPipe(memory), target = NewPipe(memory);
            long inside = Math.Max(source.Write(Count(0, before), isWhole: false), 0);
            skipped = (int)Math.Min(skipped, inside - 1);
            Assert.Equal(skipped, source.Read(taken.AsSpan(0, skipped)));
            inside += Math.Max(source.Write(Count((int)inside, after), isWhole: false), 0) - skipped;
            long used = Math.Max(target.Write(new byte[filled], isWhole: false), 0);
            long expected = Math.Min(Math.Min(inside, length), PipeBuffer.LargestCapacity - used);
            long copied = source.CopyTo(target, length);
            Assert.Equal(expected == 0 && length > 0 ? Outcome.Of(Errno.EAGAIN) : expected, copied);
            Assert.Equal(inside, source.Count);
            Assert.Equal(used + expected, target.Count);
            target.Read(taken.AsSpan(0, (int)used));
            Assert.Equal(expected, target.Count == 0 ? 0 : target.Read(taken));
            Assert.Equal(Count(skipped, (int)expected), taken[..(int)expected]);
            source.Close(reads: true, writes: true);
            target.Close(reads: true, writes: true);
        });
    }

    [Fact]
    public void Transfer_moves_a_file_through_a_pipe_into_another()
    {
        byte[] content = new byte[200_000];
        new Random(7).NextBytes(content);
        long source = client.Open("/source", OpenFlags.Create | OpenFlags.ReadWrite);
        for (int at = 0; at < content.Length; at += 50_000)
            Assert.Equal(50_000, client.Write(source, content.AsSpan(at, 50_000)));
        client.Seek(source, 0, 0);
        long target = client.Open("/target", OpenFlags.Create | OpenFlags.ReadWrite);
        (long read, long write) = client.Pipe();
        for (int moved = 0; moved < content.Length;)
        {
            long into = client.Call(VfsOperation.Transfer, a0: (ulong)write, a1: ulong.MaxValue, a2: (ulong)source, a3: ulong.MaxValue, a4: 1 << 20);
            Assert.True(into > 0, "into the pipe: " + into);
            for (long left = into; left > 0;)
            {
                long from = client.Call(VfsOperation.Transfer, a0: (ulong)target, a1: ulong.MaxValue, a2: (ulong)read, a3: ulong.MaxValue, a4: (ulong)left);
                Assert.True(system.Drive == null ? from == left : from > 0, "out of the pipe: " + from);
                left -= from;
            }

            moved += (int)into;
        }

        client.Seek(target, 0, 0);
        var copy = new List<byte>();
        while (client.Read(target, 65536, out byte[] data) > 0)
            copy.AddRange(data);
        Assert.Equal(content, copy);
    }

    /// <summary>SPLICE_F_NONBLOCK, splice(2): whatever the descriptions say.</summary>
    [Fact]
    public void A_transfer_that_waits_for_no_pipe_moves_what_can_be_moved()
    {
        const ulong own = ulong.MaxValue, waitsForNoPipe = 1ul << 63;
        long file = client.Open("/file", OpenFlags.Create | OpenFlags.ReadWrite);
        Assert.Equal(100, client.Write(file, Count(0, 100)));
        (long read, long write) = client.Pipe();
        (long otherRead, long otherWrite) = client.Pipe();
        Assert.Equal(-(long)Errno.EAGAIN, Move(file, read, 10));
        Assert.Equal(-(long)Errno.EAGAIN, Move(otherWrite, read, 10));
        long moved = 0;
        for (long result = 1; result > 0; moved += Math.Max(result, 0))
        {
            client.Seek(file, 0, 0);
            result = Move(write, file, 100);
            Assert.True(result is > 0 or -(long)Errno.EAGAIN, "moved " + result);
        }

        Assert.InRange(moved, 1000, 65536);
        Assert.Equal(moved, Move(otherWrite, read, 1 << 20));
        Assert.Equal(-(long)Errno.EAGAIN, Move(otherWrite, read, 1 << 20));
        Assert.Equal(10, Move(file, otherRead, 10));
        client.Close(write);
        Assert.Equal(0, Move(file, read, 10));

        long Move(long target, long source, ulong length) =>
            client.Call(VfsOperation.Transfer, a0: (ulong)target, a1: own, a2: (ulong)source, a3: own, a4: length | waitsForNoPipe);
    }

    private static Pipe NewPipe(PipeMemory memory)
    {
        var pipe = new Pipe(memory);
        pipe.Open(reads: true, writes: true);
        return pipe;
    }

    private static byte[] Count(int first, int length) => [.. Enumerable.Range(first, length).Select(static at => (byte)(at % 251))];
}

public sealed class PipeOnDiskTests() : PipeTests(RootKind.Disk);
