using System.Buffers.Binary;
using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Tests;

// Datagrams in memory whose other end goes, or holds what it can hold.
public sealed partial class UnixSocketTests
{
    [Fact]
    public void Who_waits_for_room_is_told_when_who_would_have_received_closes()
    {
        TestClient client = system.NewClient(1), other = system.NewClient(2);
        (long first, long second) = Pair(client, Datagram, OpenFlags.NonBlock);
        SetOption(client, first, 7, [0, 16, 0, 0]);
        MapEnd(client, first, WritePlace, 2);
        MapEnd(client, first, ReadPlace, 1);
        while (client.Write(first, "x"u8) == 1)
            ;
        byte[] entry = new byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(entry, (uint)first);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(4), PollEvents.Writable);
        (ulong tag, int offset) = client.Background(VfsOperation.Poll, entry, 8, 1, 1);
        Assert.False(client.TryFinish(tag, out _));
        Assert.Equal(0, client.Close(second));
        Assert.True(client.TryFinish(tag, out long ready));
        Assert.Equal(1, ready);
        Assert.Equal(PollEvents.Writable, BinaryPrimitives.ReadUInt16LittleEndian(client.Channel.Pool[(offset + 6)..]));
        Assert.Equal(0, other.Handles);
    }

    [Fact]
    public void Who_holds_the_readers_lock_keeps_no_sender_from_sending_descriptors_or_going_elsewhere()
    {
        foreach (int reason in (int[])[0, 1])
        {
            TestClient client = system.NewClient(1);
            (long first, long second) = Pair(client, Datagram, OpenFlags.NonBlock);
            MappedMemory memory = MapEnd(client, second, ReadPlace, 1);
            uint number = (uint)client.Last.V0;
            Put(memory, "kept");
            memory.WriteUInt32(OfReader + StreamSide.Lock, number);
            ulong tag = reason == 0 ? client.Submit(VfsOperation.Send, (ulong)first, 0, SendArguments.Of(0, 1), payload: [(byte)first, 0, 0, 0, 1])
                : client.Submit(VfsOperation.Connect, (ulong)first, SocketNumbers.UnspecifiedFamily, payload: [0, 0]);
            Assert.True(client.TryFinish(tag, out long done));
            Assert.Equal(reason == 0 ? 1 : 0, done);
            memory.WriteUInt32(OfReader + StreamSide.Lock, 0);
            Assert.Equal(4, client.Read(second, 100, out _));
        }
    }

    [Fact]
    public void What_a_sender_has_sent_and_holds_keeps_nobody_from_going_elsewhere()
    {
        foreach (bool isHeld in (bool[])[false, true])
        {
            TestClient client = system.NewClient(1);
            (long first, long second) = Pair(client, Datagram, OpenFlags.NonBlock);
            MappedMemory memory = MapEnd(client, first, WritePlace, 2);
            uint number = (uint)client.Last.V0;
            // As many as there is room for, whatever SO_SNDBUF says, and more than a user may have.
            for (int message = 0; message < 8000; message++)
                Put(memory, "");
            if (isHeld)
                memory.WriteUInt32(OfWriter + StreamSide.Lock, number);
            ulong tag = client.Submit(VfsOperation.Connect, (ulong)second, SocketNumbers.UnspecifiedFamily, payload: [0, 0]);
            Assert.True(client.TryFinish(tag, out long done));
            Assert.Equal(0, done);
            Assert.Equal(-(long)Errno.EAGAIN, client.Read(second, 100, out _));
            client.Close(first);
            client.Close(second);
        }

        Assert.True(system.Sockets.Messages.TryTake(0, 4 << 20));
    }

    [Fact]
    public void What_is_taken_while_messages_are_taken_back_is_received_once()
    {
        int overtaken = 0;
        for (int moment = 1; moment <= 60; moment++)
        {
            var other = new TestSystem();
            TestClient client = other.NewClient(1);
            (long first, long second) = Pair(client, Datagram, OpenFlags.NonBlock);
            MappedMemory memory = MapEnd(client, second, ReadPlace, 1);
            Put(memory, "one");
            Put(memory, "two");
            ulong before = memory.ReadUInt64(OfReader);
            bool isTaken = false;
            int seen = 0;
            other.SourcePages.Touched = () =>
            {
                // A reader that has begun before: its step of the index is the end of it.
                if (++seen == moment)
                    isTaken = memory.CompareExchangeUInt64(OfReader, MessageLayout.Behind(before, 3), before) == before;
            };
            Assert.Equal(5, SendRights(client, first, "three"u8, first));
            overtaken += isTaken ? 1 : 0;
            if (!isTaken)
                Assert.Equal(3, client.Read(second, 100, out _));
            Assert.Equal(3, client.Read(second, 100, out byte[] data));
            Assert.Equal("two"u8, data);
            Assert.Equal(5, Receive(client, second, 100, out _));
            Assert.Equal(-(long)Errno.EAGAIN, client.Read(second, 100, out _));
        }

        Assert.InRange(overtaken, 3, 59);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_change_at_any_moment_of_a_look_at_both_ends_wakes(bool isSet)
    {
        int moments = 0;
        for (int moment = 1; moment <= 60; moment++)
        {
            var other = new TestSystem();
            TestClient client = other.NewClient(1);
            (long first, long second) = Pair(client, Datagram);
            MappedMemory memory = MapEnd(client, first, WritePlace, 2);
            MapEnd(client, first, ReadPlace, 1);
            long set = client.Call(VfsOperation.CreateSet);
            foreach (long handle in (long[])[second, first])
            {
                byte[] member = new byte[SetEntry.Length];
                BinaryPrimitives.WriteUInt32LittleEndian(member.AsSpan(SetEntry.Operation), SetEntry.Add);
                BinaryPrimitives.WriteUInt32LittleEndian(member.AsSpan(SetEntry.Handle), (uint)handle);
                BinaryPrimitives.WriteUInt32LittleEndian(member.AsSpan(SetEntry.Events), PollEvents.Readable);
                Assert.Equal(0, client.Call(VfsOperation.ChangeSet, member, a0: (ulong)set, a1: 1));
            }

            int seen = 0;
            bool mustRing = false;
            other.SourcePages.Touched = () =>
            {
                if (++seen != moment)
                    return;
                Put(memory, "x");
                mustRing = memory.ReadUInt32(StreamLayout.Watched) != 0;
            };
            byte[] entries = new byte[16];
            BinaryPrimitives.WriteUInt32LittleEndian(entries, (uint)second);
            BinaryPrimitives.WriteUInt32LittleEndian(entries.AsSpan(8), (uint)first);
            entries[4] = entries[12] = (byte)PollEvents.Readable;
            ulong tag = isSet ? client.Submit(VfsOperation.WaitSet, (ulong)set, 1, 1, length: SetEntry.EventLength)
                : client.Background(VfsOperation.Poll, entries, 16, 2, 1).Tag;
            client.Settle();
            if (mustRing)
                Assert.Equal(0, client.Call(VfsOperation.SourceChanged, a0: (ulong)first));
            bool isDone = client.TryFinish(tag, out long ready);
            Assert.True(seen < moment ? !isDone : isDone && ready == 1, $"moment {moment} of {seen}: {isDone} {ready}");
            moments += isDone ? 1 : 0;
        }

        Assert.InRange(moments, 5, 59);
    }

    [Fact]
    public void Who_is_told_that_he_can_send_can_send()
    {
        foreach (int length in (int[])[60000, 8192, 244])
        {
            TestClient client = system.NewClient(1);
            (long first, long second) = Pair(client, Datagram, OpenFlags.NonBlock);
            // Another process has the other end, so it is not taken back for that.
            (long carrier, _) = Pair(client, Stream);
            SendRights(client, carrier, "x"u8, second);
            client.Close(second);
            SetOption(client, first, 7, [0, 64, 3, 0]);
            MapEnd(client, first, WritePlace, 2);
            Assert.Equal(20000, client.Write(first, new byte[20000]));
            int sent = 0;
            for (; Poll(client, first) != 0 && sent < 1000; sent++)
                Assert.Equal(length, client.Write(first, new byte[length]));
            Assert.InRange(sent, 1, 60);
        }
    }
}
