using CsCheck;
using Libsys.Abi;
using Libsys.Messages;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Tests;

/// <summary>sendfile(2) and copy_file_range(2) between files in memory: one copy, between pages of the cache.</summary>
public sealed class TransferTests
{
    private const int Files = 3, Longest = 40_000;

    // Holes, ends, parts of pages, a file with itself, pages that do not lie together.
    [Fact]
    public void Transfers_between_files_give_what_arrays_of_bytes_give()
    {
        Gen<int> place = Gen.Int[0, Longest], file = Gen.Int[0, Files - 1];
        Gen.Select(Gen.Int[0, 5], file, file, place, place, Gen.Int[1, Longest]).Array[1, 40].Sample(
            steps =>
            {
                var system = new TestSystem();
                TestClient client = system.NewClient(1);
                long[] handles = new long[Files];
                byte[][] truth = new byte[Files][];
                for (int number = 0; number < Files; number++)
                    (handles[number], truth[number]) = (client.Open("/" + number, OpenFlags.ReadWrite | OpenFlags.Create), []);
                foreach ((int kind, int from, int to, int at, int start, int length) in steps)
                {
                    if (kind == 0)
                    {
                        Assert.Equal(0, client.Truncate(handles[to], at));
                        Array.Resize(ref truth[to], at);
                    }
                    else if (kind < 3)
                    {
                        byte[] data = new byte[Math.Min(length, 9000)];
                        new Random(length).NextBytes(data);
                        Assert.Equal(data.Length, client.Write(handles[to], data, at));
                        Put(ref truth[to], data, at);
                    }
                    else
                    {
                        byte[] moved = truth[from].AsSpan(Math.Min(start, truth[from].Length)).ToArray();
                        moved = moved[..Math.Min(moved.Length, length)];
                        // A file that grows by what is moved within it goes on with that.
                        int wanted = from == to ? moved.Length : length;
                        Assert.Equal(moved.Length, Move(client, handles[to], at, handles[from], start, wanted));
                        Put(ref truth[to], moved, at);
                    }
                }

                for (int number = 0; number < Files; number++)
                {
                    Assert.Equal(truth[number].Length, client.Read(handles[number], Longest * 3, out byte[] found, 0));
                    Assert.True(truth[number].AsSpan().SequenceEqual(found));
                }
            },
            iter: 300, threads: 1);
    }

    [Fact]
    public void Who_transfers_often_is_shown_the_source_and_lent_the_target()
    {
        var system = new TestSystem();
        TestClient client = system.NewClient(1);
        long source = client.Open("/from", OpenFlags.ReadWrite | OpenFlags.Create), target = client.Open("/to", OpenFlags.ReadWrite | OpenFlags.Create);
        client.Write(source, new byte[10_000], 0);
        client.Write(target, new byte[10_000], 0);
        Assert.Equal(0, client.Call(VfsOperation.MapFileArea, a0: Window.FileArea));
        Libsys.Hosting.MappedMemory area = client.Channel.Sources[Window.FileArea].Memory;
        for (int count = 0; count < 4; count++)
            Assert.Equal(5000, Move(client, target, 100, source, 0, 5000));
        Assert.NotEqual(client.Last.V1, client.Last.V2);
        ulong from = (client.Last.V1 - 1) * FileSlots.Length, to = (client.Last.V2 - 1) * FileSlots.Length;
        Assert.Equal((ulong)source, area.ReadUInt32(from + FileSlots.Handle));
        Assert.Equal((ulong)target, area.ReadUInt32(to + FileSlots.Handle));
        Assert.Equal(1u, area.ReadUInt32(from + FileSlots.Sequence) & 1);
        Assert.Equal(FileSlots.Readable, area.ReadUInt32(from + FileSlots.Flags) & FileSlots.Readable);
        Assert.NotEqual(0u, area.ReadUInt32(to + FileSlots.Lease));
        Assert.NotEqual(area.ReadUInt32(from + FileSlots.FileNumber), area.ReadUInt32(to + FileSlots.FileNumber));
        // One description of a file that is read and written.
        long again = client.Open("/to", OpenFlags.ReadOnly);
        for (int count = 0; count < 4; count++)
            client.Read(again, 10, out _, 0);
        ulong other = (client.Last.V2 - 1) * FileSlots.Length;
        Assert.NotEqual(to, other);
        Assert.Equal(area.ReadUInt32(to + FileSlots.FileNumber), area.ReadUInt32(other + FileSlots.FileNumber));
    }

    [Fact]
    public void An_offset_that_was_lent_is_lent_again()
    {
        var system = new TestSystem();
        TestClient client = system.NewClient(1);
        long source = client.Open("/from", OpenFlags.ReadWrite | OpenFlags.Create), target = client.Open("/to", OpenFlags.ReadWrite | OpenFlags.Create);
        client.Write(source, new byte[10_000], 0);
        Assert.Equal(0, client.Call(VfsOperation.MapFileArea, a0: Window.FileArea));
        for (int count = 0; count < 4; count++)
        {
            client.Seek(source, 100, 0);
            client.Seek(target, 0, 0);
        }

        Assert.Equal(5000, Move(client, target, -1, source, -1, 5000));
        Libsys.Hosting.MappedMemory area = client.Channel.Sources[Window.FileArea].Memory;
        Assert.Equal(5100 | FileSlots.Lent, area.ReadUInt64(0));
        Assert.Equal(5000 | FileSlots.Lent, area.ReadUInt64(FileSlots.Length));
    }

    private static long Move(TestClient client, long target, long at, long source, long start, int length) =>
        client.Call(VfsOperation.Transfer, a0: (ulong)target, a1: (ulong)at, a2: (ulong)source, a3: (ulong)start, a4: (ulong)length);

    private static void Put(ref byte[] file, byte[] data, int at)
    {
        if (data.Length == 0)
            return;
        if (file.Length < at + data.Length)
            Array.Resize(ref file, at + data.Length);
        data.CopyTo(file, at);
    }
}
