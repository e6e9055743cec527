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
    public void A_change_at_any_moment_of_a_look_at_both_ends_wakes()
    {
        int moments = 0;
        for (int moment = 1; moment <= 60; moment++)
        {
            var other = new TestSystem();
            TestClient client = other.NewClient(1);
            (long first, long second) = Pair(client, Datagram);
            MappedMemory memory = MapEnd(client, first, WritePlace, 2);
            MapEnd(client, first, ReadPlace, 1);
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
            (ulong tag, _) = client.Background(VfsOperation.Poll, entries, 16, 2, 1);
            if (mustRing)
                Assert.Equal(0, client.Call(VfsOperation.SourceChanged, a0: (ulong)first));
            bool isDone = client.TryFinish(tag, out long ready);
            Assert.True(seen < moment ? !isDone : isDone && ready == 1, $"moment {moment} of {seen}: {isDone} {ready}");
            moments += isDone ? 1 : 0;
        }

        Assert.InRange(moments, 5, 59);
    }
}
