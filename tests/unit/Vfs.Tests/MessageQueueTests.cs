using Libsys.Messages;
using Servers.Vfs.SystemV;

namespace Servers.Vfs.Tests;

/// <summary>System V message queues: order, types, room, waits; and arguments that lie.</summary>
public sealed class MessageQueueTests
{
    private const ulong NoWait = SystemVNumbers.NoWait;

    private readonly TestSystem system = new();
    private readonly TestClient client;
    private readonly ulong id;

    public MessageQueueTests()
    {
        client = system.NewClient(1);
        id = (ulong)client.Call(VfsOperation.GetQueue, a1: 0x180);
    }

    /// <summary>Random messages and choices give what a list gives.</summary>
    [Fact]
    public void Random_messages_come_as_from_a_list()
    {
        var random = new Random(3);
        var list = new List<(long Type, byte[] Text)>();
        for (int turn = 0; turn < 20_000; turn++)
        {
            if (random.Next(2) == 0)
            {
                var text = new byte[random.Next(4) == 0 ? random.Next(8193) : random.Next(20)];
                random.NextBytes(text);
                long type = random.Next(1, 6);
                bool fits = list.Sum(message => message.Text.Length) + text.Length <= 16384;
                Assert.Equal(fits ? 0 : -(long)Errno.EAGAIN, client.Call(VfsOperation.SendQueued, text, a0: id, a1: (ulong)type, a2: NoWait));
                if (fits)
                    list.Add((type, text));
                continue;
            }

            long wanted = random.Next(-6, 7);
            bool isExcept = random.Next(3) == 0;
            IEnumerable<(long Type, byte[] Text)> meant = wanted switch
            {
                0 => list,
                > 0 => list.Where(message => message.Type == wanted != isExcept),
                _ => list.Where(message => message.Type <= -wanted).OrderBy(message => message.Type),
            };
            ulong flags = NoWait | (isExcept ? QueueNumbers.Except : 0);
            long result = client.Call(VfsOperation.ReceiveQueued, default, 8192, id, (ulong)wanted, flags, 8192);
            if (!meant.Any())
            {
                Assert.Equal(-(long)Errno.ENOMSG, result);
                continue;
            }

            (long foundType, byte[] foundText) = meant.First();
            Assert.Equal((foundText.Length, (ulong)foundType), (result, client.Last.V0));
            Assert.Equal(foundText, client.Channel.Pool[..foundText.Length].ToArray());
            list.RemoveAt(list.FindIndex(message => ReferenceEquals(message.Text, foundText)));
        }
    }

    [Fact]
    public void Who_waits_for_a_type_or_for_room_goes_on_when_it_comes_or_is_told_that_the_queue_is_gone()
    {
        TestClient reader = system.NewClient(2), writer = system.NewClient(3);
        ulong tag = reader.Submit(VfsOperation.ReceiveQueued, id, 9, 0, 100, length: 100);
        Assert.Equal(0, Send(1, 8192));
        Assert.Equal(0, Send(1, 8000));
        Assert.False(reader.TryFinish(tag, out _));
        ulong second = writer.Submit(VfsOperation.SendQueued, id, 9, payload: new byte[1000]);
        Assert.False(writer.TryFinish(second, out _));
        Assert.Equal(8192, client.Call(VfsOperation.ReceiveQueued, default, 8192, id, 0, NoWait, 8192));
        Assert.True(writer.TryFinish(second, out long result) && result == 0);
        Assert.True(reader.TryFinish(tag, out result) && result == -(long)Errno.E2BIG); // 100 bytes are too few, and it stays
        Assert.Equal(-(long)Errno.ENOBUFS, client.Call(VfsOperation.ReceiveQueued, default, 100, id, 9, NoWait, 1000));
        Assert.Equal(1000, client.Call(VfsOperation.ReceiveQueued, default, 1000, id, 9, NoWait, 1000));

        tag = reader.Submit(VfsOperation.ReceiveQueued, id, 9, 0, 100, length: 100);
        Assert.Equal(0, Send(1, 8192));
        second = writer.Submit(VfsOperation.SendQueued, id, 1, payload: new byte[8192]);
        Assert.Equal(0, client.Call(VfsOperation.ControlQueue, a0: id, a1: SystemVNumbers.Remove));
        Assert.True(reader.TryFinish(tag, out result) && result == -(long)Errno.EIDRM);
        Assert.True(writer.TryFinish(second, out result) && result == -(long)Errno.EIDRM);
        Assert.Equal(-(long)Errno.EINVAL, Send(1, 1));
    }

    /// <summary>Messages are paid for, and what is paid comes back with queue or message.</summary>
    [Fact]
    public void Memory_for_messages_is_bounded_and_comes_back()
    {
        int[] counts = new int[2];
        for (int round = 0; round < 2; round++)
        {
            var made = new List<ulong>();
            long result = 0;
            while (result == 0)
            {
                long queue = client.Call(VfsOperation.GetQueue, a1: 0x180);
                if (queue < 0)
                    break;
                made.Add((ulong)queue);
                while ((result = client.Call(VfsOperation.SendQueued, new byte[4096], a0: (ulong)queue, a1: 1, a2: NoWait)) == 0)
                    counts[round]++;
                result = result == -(long)Errno.EAGAIN ? 0 : result;
            }

            Assert.InRange(counts[round], 1900, 2048);
            made.ForEach(queue => client.Call(VfsOperation.ControlQueue, a0: queue, a1: SystemVNumbers.Remove));
        }

        Assert.Equal(counts[0], counts[1]);
    }

    [Fact]
    public void Numbers_that_lie_are_refused()
    {
        Assert.Equal(-(long)Errno.EINVAL, Send(0, 1));
        Assert.Equal(-(long)Errno.EINVAL, Send(-1, 1));
        Assert.Equal(-(long)Errno.EINVAL, Send(1, 8193));
        Assert.Equal(0, Send(5, 10));
        Assert.Equal(10, client.Call(VfsOperation.ReceiveQueued, default, 10, id, unchecked((ulong)long.MinValue), NoWait, ulong.MaxValue));
        Assert.Equal(-(long)Errno.ENOMSG, client.Call(VfsOperation.ReceiveQueued, default, 10, id, ulong.MaxValue, NoWait | QueueNumbers.Copy, 10));
        foreach (uint command in new[] { SystemVNumbers.Stat, SystemVNumbers.Set, QueueNumbers.QueueInformation, SystemVNumbers.Information, 99u })
            Assert.Equal(-(long)Errno.EINVAL, client.Call(VfsOperation.ControlQueue, new byte[10], a0: id, a1: command));
    }

    private long Send(long type, int length) => client.Call(VfsOperation.SendQueued, new byte[length], a0: id, a1: (ulong)type, a2: NoWait);
}
