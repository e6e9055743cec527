using System.Text;
using Libsys.Messages;
using Servers.Vfs.Machine;
using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Tests;

public sealed class KernelLogTests : IKernelLogSource, IAlarm
{
    private const int SmallCapacity = 64;
    private readonly List<byte> written = [];
    private readonly KernelLog log;
    private Action expired = () => { };
    private bool isSet;

    public KernelLogTests() => log = new KernelLog(this, new TestClock(), action =>
    {
        expired = action;
        return this;
    });

    int IKernelLogSource.Capacity => SmallCapacity;

    // Small pieces, so that lines are split over them.
    long IKernelLogSource.Read(ref ulong position, Span<byte> text, out ulong skipped)
    {
        const int largest = 7;
        ulong oldest = (ulong)Math.Max(written.Count - SmallCapacity, 0);
        skipped = oldest > position ? oldest - position : 0;
        position += skipped;
        int count = Math.Min(Math.Min(largest, text.Length), written.Count - (int)position);
        written.GetRange((int)position, count).ToArray().CopyTo(text);
        position += (ulong)count;
        return count;
    }

    void IAlarm.Set(long deadline) => isSet = true;

    void IAlarm.Cancel() => isSet = false;

    [Fact]
    public void Reading_consumes_whole_records()
    {
        Write("[0.1] kernel: a\n[0.2] vfs: b\n[0.3] half");
        Assert.Equal(19 + 16, log.Unread);
        Assert.Equal("<6>[0.1] kernel: a\n", Read(34));
        Assert.Equal("<6>[0.2] vfs: b\n", Read(34));
        Assert.Equal(-(long)Errno.EAGAIN, log.Read(new byte[34]));
        Write(" done\n");
        Assert.Equal("<6>[0.3] half done\n", Read(34));
    }

    [Fact]
    public void A_record_longer_than_the_buffer_comes_in_parts()
    {
        Write("[0.1] kernel: a\nx\n");
        Assert.Equal("<6>[0.1] k", Read(10));
        Assert.Equal(14, log.Unread);
        Assert.Equal("ernel: a\n<6>x\n", Read(30));
        Assert.False(log.HasUnread);
    }

    [Fact]
    public void The_last_records_that_fit_are_given_until_they_are_cleared()
    {
        Write("one\ntwo\nthree\n");
        Assert.Equal("<6>two\n<6>three\n", Last(17, clear: false));
        Assert.Equal("<6>one\n<6>two\n<6>three\n", Last(100, clear: true));
        Assert.Equal("", Last(100, clear: false));
        Write("four\n");
        Assert.Equal("<6>four\n", Last(100, clear: false));
        log.Clear();
        Assert.Equal("", Last(100, clear: false));
        Assert.Equal("<6>one\n", Read(8));
    }

    [Fact]
    public void Lines_that_are_no_longer_whole_are_left_out()
    {
        Write("first line\n");
        Assert.Equal("<6>fi", Read(5));
        for (int index = 0; index < 10; index++)
            Write($"line {index} of many\n");
        // 64 bytes hold four of the 15-byte lines, and 4 bytes of a fifth.
        Assert.Equal("<6>line 6 of many\n<6>line 7 of many\n<6>line 8 of many\n<6>line 9 of many\n", Read(100));
        Assert.False(log.HasUnread);
    }

    [Fact]
    public void It_is_looked_for_news_only_while_somebody_waits()
    {
        Assert.True(log.StartWaiting().IsEmpty);
        Assert.True(isSet);
        isSet = false;
        expired();
        Assert.False(isSet);
    }

    [Fact]
    public void A_reader_of_kmsg_waits_for_a_line_and_only_root_may_ask()
    {
        var system = new TestSystem(log);
        TestClient client = system.NewClient(1);
        (ulong tag, int offset) = client.Background(VfsOperation.KernelLog, default, 100, 2, 100);
        Assert.True(client.TryFinish(tag, out long invalid));
        Assert.Equal(-(long)Errno.EINVAL, invalid); // no buffer
        tag = client.Start(VfsOperation.KernelLog, default, 100, (uint)offset, 2, 100, 1);
        Assert.False(client.TryFinish(tag, out _));
        expired();
        Assert.False(client.TryFinish(tag, out _));
        Write("news\n");
        expired();
        Assert.True(client.TryFinish(tag, out long result));
        Assert.Equal("<6>news\n", Encoding.ASCII.GetString(client.Channel.Pool.Slice(offset, (int)result)));

        Assert.Equal(SmallCapacity, client.Call(VfsOperation.KernelLog, a0: 10));
        Assert.Equal(-(long)Errno.EINVAL, client.Call(VfsOperation.KernelLog, a0: 11));
        Assert.Equal(-(long)Errno.EINVAL, client.Call(VfsOperation.KernelLog, a0: 8, a1: 9));
        Assert.Equal(0, client.Call(VfsOperation.KernelLog, a0: 8, a1: 8));
        system.Registry.SetCredentials(1, new Credentials(1000, 1000, 1000, 1000, []));
        Assert.Equal(-(long)Errno.EPERM, client.Call(VfsOperation.KernelLog, a0: 10));
        Assert.Equal(-(long)Errno.EPERM, client.Call(VfsOperation.KernelLog, a0: 11));
    }

    private void Write(string text) => written.AddRange(Encoding.ASCII.GetBytes(text));

    private string Read(int length)
    {
        byte[] buffer = new byte[length];
        return Encoding.ASCII.GetString(buffer, 0, (int)log.Read(buffer));
    }

    private string Last(int length, bool clear)
    {
        byte[] buffer = new byte[length];
        return Encoding.ASCII.GetString(buffer, 0, (int)log.ReadLast(buffer, clear));
    }
}
