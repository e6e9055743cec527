using System.Buffers.Binary;
using CsCheck;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Tests;

// Pipes of other sizes, and packets: what cannot be done in memory.
public sealed partial class PipeStreamTests
{
    [Fact]
    public void Another_size_takes_the_bytes_back_once_nobody_moves_any()
    {
        TestClient client = system.NewClient(1);
        (long read, long write) = client.Pipe(OpenFlags.NonBlock);
        Program reader = Map(client, read, ReadPlace), writer = Map(client, write, WritePlace);
        Assert.Equal(3, writer.Write("abc"u8));
        writer.Write("lost"u8, publishes: false); // holds the lock
        ulong tag = client.Submit(VfsOperation.PipeSize, (ulong)read, 4096, 1);
        Assert.False(client.TryFinish(tag, out _));
        Assert.Equal(0u, reader.Memory.ReadUInt32(StreamLayout.Asks));
        Assert.Equal(0u, reader.Memory.ReadUInt32(Reader + StreamSide.Lock));
        (uint rises, uint falls) = Changes(reader.Memory);
        writer.Unlock(Writer);
        Assert.True(client.TryFinish(tag, out long size));
        Assert.Equal(4096, size);
        const uint all = StreamLayout.Elsewhere | StreamLayout.ReadersAsk | StreamLayout.WritersAsk;
        Assert.Equal(all, reader.Memory.ReadUInt32(StreamLayout.Asks));
        Assert.True(Changes(reader.Memory) is var (more, others) && more > rises && others > falls);

        // What programs write there does not matter any more, and edges are counted on.
        reader.Memory.WriteUInt32(Writer + StreamSide.Index, 77);
        rises = Changes(reader.Memory).Rises;
        Assert.Equal(4000, client.Write(write, new byte[4000]));
        Assert.Equal(rises + 1, Changes(reader.Memory).Rises);
        Assert.Equal(-(long)Errno.ENODEV, client.Call(VfsOperation.MapStream, a0: (ulong)read, a1: ReadPlace));
        byte[] bytes = Read(client, read, 5000);
        Assert.Equal(4003, bytes.Length);
        Assert.Equal("abc"u8, bytes.AsSpan(0, 3));
        client.Close(read);
        client.Close(write);
        Assert.Equal(0, system.SourcePages.Count);
    }

    [Fact]
    public void Sizes_have_bounds()
    {
        TestClient client = system.NewClient(1), user = system.NewClient(2);
        system.Registry.SetCredentials(2, new Credentials(1000, 1000, 1000, 1000, []));
        (long read, long write) = user.Pipe(OpenFlags.NonBlock);
        const long most = 1 << 20;
        Assert.Equal(-(long)Errno.EPERM, user.Call(VfsOperation.PipeSize, a0: (ulong)read, a1: most + 1, a2: 1));
        Assert.Equal(-(long)Errno.EINVAL, user.Call(VfsOperation.PipeSize, a0: (ulong)read, a1: (1ul << 31) + 1, a2: 1));
        long granted = 0;
        for (int pipe = 0; pipe < 20 && granted >= 0; pipe++)
            granted = user.Call(VfsOperation.PipeSize, a0: (ulong)user.Pipe(OpenFlags.NonBlock).Read, a1: (ulong)most, a2: 1);
        Assert.Equal(-(long)Errno.EPERM, granted);

        // The others have a full one all the same.
        Assert.Equal(65536, user.Write(write, new byte[65536]));
        (read, write) = client.Pipe(OpenFlags.NonBlock);
        Assert.Equal(65536, client.Write(write, new byte[65536]));
        Assert.Equal(-(long)Errno.EBUSY, client.Call(VfsOperation.PipeSize, a0: (ulong)read, a1: 32768, a2: 1));
        Assert.Equal(-(long)Errno.ENOMEM, client.Call(VfsOperation.PipeSize, a0: (ulong)read, a1: 1ul << 30, a2: 1));
        Assert.Equal(65536, client.Call(VfsOperation.PipeSize, a0: (ulong)read));
        Assert.Equal(-(long)Errno.EBADF, client.Call(VfsOperation.PipeSize, a0: (ulong)client.Open("/", 0)));
    }

    [Fact]
    public void Bytes_and_packets_come_as_they_went()
    {
        Gen.Select(Gen.Int[0, 4], Gen.OneOf(Gen.Int[1, 20], Gen.Int[4000, 4200], Gen.Int[1, 10_000])).Array[1, 60].Sample(steps =>
        {
            var other = new TestSystem();
            TestClient client = other.NewClient(1);
            (long read, long write) = client.Pipe(OpenFlags.NonBlock);
            var model = new List<(byte[] Bytes, bool IsPacket)>();
            byte next = 0;
            foreach ((int step, int length) in steps)
            {
                if (step <= 2)
                {
                    uint flags = OpenFlags.NonBlock | (step == 0 ? 0 : OpenFlags.Direct);
                    client.Call(VfsOperation.SetFlags, a0: (ulong)write, a1: flags);
                    byte[] data = [.. Enumerable.Range(0, length).Select(_ => next++)];
                    long written = Math.Max(client.Write(write, data), 0);
                    next -= (byte)(length - written);
                    data = data[..(int)written];
                    int odd = length % 4096, begun = model.Reverse<(byte[] Bytes, bool IsPacket)>().TakeWhile(static part => !part.IsPacket)
                        .Sum(static part => part.Bytes.Length) % 4096;
                    int joined = step == 0 ? data.Length : odd != 0 && begun != 0 && begun + odd <= 4096 ? odd : 0;
                    if (joined > 0)
                        model.Add((data[..joined], false));
                    model.AddRange(data[joined..].Chunk(4096).Select(static packet => (packet, true)));
                    continue;
                }

                Assert.Equal(Expect(model, length), Read(client, read, length));
            }

            Assert.Equal(model.Sum(static part => part.Bytes.Length), Count(client, read));
        }, iter: 300);

        static byte[] Expect(List<(byte[] Bytes, bool IsPacket)> model, int length)
        {
            var taken = new List<byte>();
            while (model.Count > 0 && taken.Count < length)
            {
                (byte[] bytes, bool isPacket) = model[0];
                int part = Math.Min(bytes.Length, length - taken.Count);
                taken.AddRange(bytes[..part]);
                model[0] = (bytes[part..], isPacket);
                if (isPacket || part == bytes.Length)
                    model.RemoveAt(0);
                if (isPacket)
                    break;
            }

            return [.. taken];
        }

        static int Count(TestClient client, long read)
        {
            client.Call(VfsOperation.Control, length: 4, a0: (ulong)read, a1: Ioctl.BytesReadable);
            return BinaryPrimitives.ReadInt32LittleEndian(client.Channel.Pool);
        }
    }

    private static (uint Rises, uint Falls) Changes(MappedMemory memory) =>
        (memory.ReadUInt32(Writer + StreamSide.Changes), memory.ReadUInt32(Reader + StreamSide.Changes));
}
