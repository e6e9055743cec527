using Libsys.Hosting;
using Libsys.Linux;
using Libsys.Messages;
using Servers.Drivers.Nvme.Controller;
using Servers.Drivers.Nvme.Disks;

namespace Servers.Drivers.Nvme.Tests;

/// <summary>Commands and requests, with a controller that this test is: it reads commands where they were put, and finishes what it likes.</summary>
public sealed class CommandTableTests
{
    private const int Size = 5, Most = Size - 1;
    private const ulong CompletionAt = 4096, ListsAt = 8192;

    private readonly MappedMemory memory = MappedMemory.Allocate(4 * 4096);
    private readonly QueuePair queue;
    private readonly CommandTable table;
    private int fetched, completed;

    public CommandTableTests()
    {
        queue = new QueuePair(1, Size, memory, 0, CompletionAt);
        table = new CommandTable(queue, memory, ListsAt, 64, static offset => offset);
    }

    [Fact]
    public void A_request_of_more_commands_than_there_are_identifiers_is_made_as_they_come_back()
    {
        RequestClient client = Begin(commands: 3 * Most);
        RequestClient behind = Begin(commands: 1);
        for (int number = 0; number < 3 * Most; number++)
        {
            Assert.Empty(client.Answers);
            Complete(Fetch());
            Assert.True(table.Serve());
        }

        Assert.Equal([(7ul, 0L)], client.Answers);
        Assert.Empty(behind.Answers);
        Complete(Fetch());
        Assert.True(table.Serve());
        Assert.Equal([(7ul, 0L)], behind.Answers);
        Assert.False(table.Serve());
    }

    [Fact]
    public void What_has_failed_with_commands_to_come_makes_room_for_the_next()
    {
        RequestClient failing = Begin(commands: 3 * Most), next = Begin(commands: 1);
        ushort[] first = [.. Enumerable.Range(0, Most).Select(_ => Fetch())];
        Complete(first[0], status: 0x281);
        foreach (ushort identifier in first[1..])
            Complete(identifier);
        Assert.True(table.Serve());
        Assert.Equal([(7ul, -(long)Errno.EIO)], failing.Answers);
        Complete(Fetch());
        Assert.True(table.Serve());
        Assert.Equal([(7ul, 0L)], next.Answers);
        // Nothing of the one that failed was added behind it.
        queue.MustTell();
        Assert.Equal(fetched, queue.Tail);
    }

    [Theory]
    [InlineData(Most)]
    [InlineData(64)]
    [InlineData(ushort.MaxValue)]
    public void An_identifier_that_there_is_not_is_refused(int identifier)
    {
        RequestClient client = Begin(commands: 1);
        Fetch();
        Complete((ushort)identifier);
        Assert.Throws<NvmeException>(() => table.Serve());
        Assert.Empty(client.Answers);
    }

    [Fact]
    public void A_command_that_was_not_given_out_is_refused()
    {
        RequestClient client = Begin(commands: 1);
        ushort given = Fetch();
        Complete((ushort)((given + 1) % Most));
        Assert.Throws<NvmeException>(() => table.Serve());
        Assert.Empty(client.Answers);
    }

    [Fact]
    public void A_command_is_not_finished_twice()
    {
        RequestClient client = Begin(commands: 1);
        ushort given = Fetch();
        Complete(given);
        Complete(given);
        Assert.Throws<NvmeException>(() => table.Serve());
        Assert.Equal([(7ul, 0L)], client.Answers);
    }

    [Fact]
    public void A_completion_of_the_round_before_is_none()
    {
        RequestClient client = Begin(commands: 2 * Size);
        for (int number = 0; number < Size; number++)
        {
            Complete(Fetch());
            Assert.True(table.Serve());
        }

        // What stands at the next place is from the first round, with its phase.
        Assert.False(table.Serve());
        Assert.Empty(client.Answers);
    }

    // Single sectors in the middle of pages: a command each.
    private RequestClient Begin(int commands)
    {
        var client = new RequestClient([.. Enumerable.Range(0, commands).Select(static page => ((ulong)page * 4096 + 512, 512u))]);
        Transfer transfer = table.Rent();
        Assert.Equal(0, transfer.Begin(client, client.Request(BlockOperation.Read, 0), 512, new ControllerIdentity(new byte[4096]), 1));
        table.Add(transfer);
        return client;
    }

    private ushort Fetch()
    {
        queue.MustTell();
        Assert.NotEqual(queue.Tail, fetched);
        uint first = memory.ReadUInt32((ulong)(fetched * Command.Length));
        fetched = (fetched + 1) % Size;
        Assert.Equal(Opcode.Read, (byte)first);
        return (ushort)(first >> 16);
    }

    private void Complete(ushort identifier, int status = 0)
    {
        ulong at = CompletionAt + (ulong)(completed % Size * QueuePair.CompletionLength);
        uint phase = completed++ / Size % 2 == 0 ? 1u : 0;
        memory.WriteUInt32(at, 0);
        memory.WriteUInt32(at + 8, 1u << 16 | (uint)fetched);
        memory.WriteUInt32(at + 12, (uint)status << 17 | phase << 16 | identifier);
    }
}
