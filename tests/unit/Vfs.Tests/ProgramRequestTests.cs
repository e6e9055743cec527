using System.Buffers.Binary;
using Libsys.Abi;
using Libsys.Messages;
using Servers.Vfs.Requests;

namespace Servers.Vfs.Tests;

/// <summary>The two requests that load a program: what they give, and what a client that lies in them gets.</summary>
public sealed class ProgramRequestTests
{
    private const ulong Address = 0x5000_0000, Page = 4096;
    private const int Executable = 0x1ED, Head = 64; // 0755

    private readonly TestSystem system = new();
    private readonly TestClient client;

    public ProgramRequestTests()
    {
        client = system.NewClient(1);
        client.WriteText("/program", new string('p', 100));
        client.WriteText("/short", "short");
        Assert.Equal(0, client.ChangeMode("/program", Executable));
        Assert.Equal(0, client.ChangeMode("/short", Executable));
    }

    [Fact]
    public void A_program_is_opened_and_its_first_bytes_come_along()
    {
        int before = client.Handles;
        Assert.InRange(OpenProgram("/program"), 0, 100);
        Assert.Equal(((ulong)Head, new string('p', Head)), (client.Last.V1, First(Head)));
        Assert.InRange(OpenProgram("/short"), 0, 100);
        Assert.Equal((5ul, "short"), (client.Last.V1, First(5)));
        Assert.Equal(before + 2, client.Handles);
    }

    [Theory]
    [InlineData("/data", Errno.EACCES)]
    [InlineData("/directory", Errno.EACCES)]
    [InlineData("/fifo", Errno.EACCES)]
    [InlineData("/device", Errno.EACCES)]
    [InlineData("/none", Errno.ENOENT)]
    [InlineData("/program/", Errno.ENOTDIR)]
    public void What_may_not_be_executed_is_not_opened_for_that(string path, Errno error)
    {
        client.WriteText("/data", "a file, but no program");
        Assert.Equal(0, client.MakeDirectory("/directory"));
        Assert.Equal(0, client.MakeNode("/fifo", 0x1000 | Executable)); // S_IFIFO
        Assert.Equal(0, client.MakeNode("/device", 0x2000 | Executable, 0x103)); // S_IFCHR, null(4)
        int before = client.Handles;
        Assert.Equal(-(long)error, OpenProgram(path));
        // Flags and a mode that are meant for another purpose change nothing.
        byte[] name = TestClient.Bytes(path);
        Assert.Equal(-(long)error, client.Call(VfsOperation.OpenProgram, name, Head, VfsLimits.WorkingDirectory, OpenFlags.ReadWrite, (ulong)name.Length));
        Assert.Equal(before, client.Handles);
    }

    [Fact]
    public void A_path_that_is_longer_than_its_buffer_is_refused()
    {
        int before = client.Handles;
        byte[] path = TestClient.Bytes("/program");
        foreach (ulong length in (ulong[])[Head + 1, ulong.MaxValue, 1ul << 32])
            Assert.Equal(-(long)Errno.EINVAL, client.Call(VfsOperation.OpenProgram, path, Head, VfsLimits.WorkingDirectory, a2: length));
        Assert.Equal(before, client.Handles);
    }

    [Fact]
    public void Segments_are_mapped_and_the_handle_is_closed_with_them_if_that_is_asked_for()
    {
        long handle = OpenProgram("/program");
        int before = client.Handles;
        (ulong, ulong, ulong, MapFlags) text = (Address, Page, 0, MapFlags.Read | MapFlags.Execute);
        (ulong, ulong, ulong, MapFlags) data = (Address + 16 * Page, 2 * Page, 0, MapFlags.Read | MapFlags.Write);
        Assert.Equal((0L, 0ul), (MapProgram(handle, false, text), client.Last.V0));
        Assert.Equal((0L, 1ul), (MapProgram(handle, true, text, data), client.Last.V0));
        Assert.Equal([Address, Address, Address + 16 * Page], client.Channel.Maps.Select(map => map.Address));
        Assert.Equal(before - 1, client.Handles);
        Assert.Equal(-(long)Errno.EBADF, MapProgram(handle, true, text));
    }

    [Fact]
    public void A_segment_that_lies_is_refused_and_what_comes_behind_it_is_not_mapped()
    {
        (ulong, ulong, ulong, MapFlags) good = (Address, Page, 0, MapFlags.Read);
        foreach ((ulong Address, ulong Length, ulong Offset, MapFlags Flags) lie in ((ulong, ulong, ulong, MapFlags)[])[
            (Window.Base, Page, 0, MapFlags.Read), (Window.Base - Page, 2 * Page, 0, MapFlags.Read), (0, Page, 0, MapFlags.Read),
            (Address + 1, Page, 0, MapFlags.Read), (Address, 0, 0, MapFlags.Read), (Address, Page, ulong.MaxValue - Page + 1, MapFlags.Read),
            (Address, Page, 0, MapFlags.Read | MapFlags.Write | MapFlags.Shared), (Address, Page, 0, (MapFlags)uint.MaxValue)])
        {
            client.Channel.Maps.Clear();
            long handle = OpenProgram("/program");
            int before = client.Handles;
            Assert.InRange(MapProgram(handle, true, good, lie, good), -4095, -1);
            Assert.Single(client.Channel.Maps);
            Assert.Equal(before - 1, client.Handles);
        }
    }

    [Fact]
    public void A_list_that_is_longer_than_its_buffer_is_refused()
    {
        long handle = OpenProgram("/program");
        foreach (ulong count in (ulong[])[2, ProgramSegment.Most + 1, ulong.MaxValue, 1ul << 59])
            Assert.Equal(-(long)Errno.EINVAL, client.Call(VfsOperation.MapProgram, Entries((Address, Page, 0, MapFlags.Read)), a0: (ulong)handle, a1: count));
        Assert.Empty(client.Channel.Maps);
    }

    [Fact]
    public void What_is_closed_with_a_word_to_others_is_not_closed_here()
    {
        long pipe = client.Pipe().Read;
        int before = client.Handles;
        Assert.Equal((-(long)Errno.ENODEV, 0ul), (MapProgram(pipe, true, (Address, Page, 0, MapFlags.Read)), client.Last.V0));
        Assert.Equal(0, MapProgram(pipe, true));
        Assert.Equal(before, client.Handles);
    }

    [Fact]
    public void An_exec_that_succeeds_closes_what_it_names_and_nothing_of_others()
    {
        (long read, long write) = client.Pipe();
        long kept = client.Open("/program");
        TestClient other = system.NewClient(2, parent: 1);
        other.Close(write); // the program's end is the last one
        TestClient next = system.NewClient(1); // the same process, in the space of the program that it executes
        int others = other.Handles;
        (ulong tag, _) = other.Background(VfsOperation.Read, default, 16, (ulong)read, ulong.MaxValue);
        const uint none = 12345;
        foreach ((int index, uint handle) in ((int, uint)[])[(0, (uint)write), (1, none), (2, uint.MaxValue), (3, (uint)write)])
            BinaryPrimitives.WriteUInt32LittleEndian(next.Channel.Pool[(Head + index * sizeof(uint))..], handle);
        Assert.Equal(0, Succeed(client, next, Head, 4));
        Assert.True(other.TryFinish(tag, out long end), "a reader hears at once that the last writer is gone");
        Assert.Equal(0, end);
        Assert.Equal(others, other.Handles);
        Assert.Equal(-(long)Errno.EBADF, next.Close(write));
        Assert.Equal(0, next.Close(kept));
        Assert.DoesNotContain(client.Connection.Id, system.Registry.Connections.Keys);
    }

    [Fact]
    public void A_list_of_an_exec_that_is_not_in_its_pool_closes_nothing()
    {
        TestClient next = system.NewClient(1);
        int before = next.Handles;
        ulong length = (ulong)next.Channel.Pool.Length;
        foreach ((ulong offset, ulong count) in ((ulong, ulong)[])[
            (length - 2, 1), (length, 1), (ulong.MaxValue, 1), (0, VfsLimits.ClosedByExec + 1), (0, ulong.MaxValue), (4, 1ul << 62)])
            Assert.Equal(-(long)Errno.EINVAL, Succeed(null, next, offset, count));
        Assert.Equal(before, next.Handles);
        Assert.Equal(-(long)Errno.ESRCH, system.Registry.Succeed(99, 1, 0, 0, 0, 1, OpenRequests.CloseByExec, out _));
    }

    private long Succeed(TestClient? old, TestClient next, ulong offset, ulong count) => system.Registry.Succeed(
        next.Connection.Id, 1, old?.Connection.Id ?? 0, SucceedArguments.WholeSpace, offset, count, OpenRequests.CloseByExec, out _);

    private long OpenProgram(string path)
    {
        byte[] name = TestClient.Bytes(path);
        return client.Call(VfsOperation.OpenProgram, name, Math.Max(Head, name.Length), VfsLimits.WorkingDirectory, a2: (ulong)name.Length);
    }

    private long MapProgram(long handle, bool closes, params (ulong Address, ulong Length, ulong Offset, MapFlags Flags)[] segments) =>
        client.Call(VfsOperation.MapProgram, Entries(segments), a0: (ulong)handle, a1: (ulong)segments.Length, a2: closes ? 1ul : 0);

    private static byte[] Entries(params (ulong Address, ulong Length, ulong Offset, MapFlags Flags)[] segments)
    {
        byte[] entries = new byte[segments.Length * ProgramSegment.EntryLength];
        for (int index = 0; index < segments.Length; index++)
        {
            Span<byte> entry = entries.AsSpan(index * ProgramSegment.EntryLength);
            BinaryPrimitives.WriteUInt64LittleEndian(entry, segments[index].Address);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[8..], segments[index].Length);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[16..], segments[index].Offset);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[24..], (ulong)segments[index].Flags);
        }

        return entries;
    }

    private string First(int length) => System.Text.Encoding.UTF8.GetString(client.Channel.Pool[..length]);
}
