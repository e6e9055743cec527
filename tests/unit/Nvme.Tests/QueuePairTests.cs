using Libsys.Hosting;
using Servers.Drivers.Nvme.Controller;

namespace Servers.Drivers.Nvme.Tests;

/// <summary>Queues against a controller that works, and one that lies.</summary>
public sealed class QueuePairTests
{
    private const int Size = 4;
    private const ulong CompletionAt = 4096;

    private readonly MappedMemory memory = MappedMemory.Allocate(8192);
    private readonly QueuePair queue;
    private int completed;

    public QueuePairTests() => queue = new QueuePair(1, Size, memory, 0, CompletionAt);

    [Fact]
    public void Commands_are_where_the_specification_says()
    {
        queue.Add(new Command { Opcode = 2, Namespace = 1, Prp1 = 0x1234, Prp2 = 0x5678, Dword10 = 0x9_8765_4321, Dword12 = 7 }, 0x55);
        Assert.Equal((0x55_0002u, 1u, 0x1234ul, 0x5678ul), (memory.ReadUInt32(0), memory.ReadUInt32(4), memory.ReadUInt64(24), memory.ReadUInt64(32)));
        Assert.Equal((0x8765_4321u, 9u, 7u, 0u), (memory.ReadUInt32(40), memory.ReadUInt32(44), memory.ReadUInt32(48), memory.ReadUInt32(52)));
        Assert.Equal((1, true, false), (queue.Tail, queue.MustTell(), queue.MustTell()));
    }

    [Fact]
    public void Many_commands_go_round_and_each_is_taken_once()
    {
        for (int number = 0; number < 5 * Size; number++)
        {
            Add((ushort)number);
            Assert.False(queue.TryTake(out _));
            Complete(fetched: queue.Tail, (ushort)number, status: 0x281, result: 9);
            Assert.True(queue.TryTake(out Finished finished));
            Assert.Equal(new Finished((ushort)number, 0x281, 9), finished);
            Assert.False(queue.TryTake(out _));
            Assert.Equal((number + 1) % Size, queue.CompletionHead);
        }
    }

    [Theory]
    [InlineData(1, Size)]
    [InlineData(1, 0xFFFF)]
    [InlineData(1, 3)]
    [InlineData(0, 1)]
    [InlineData(2, 1)]
    public void A_completion_that_cannot_be_ends_it(int number, int fetched)
    {
        Add(0);
        Add(1);
        Complete(fetched, 0, 0, 0, number);
        Assert.Throws<NvmeException>(() => queue.TryTake(out _));
    }

    [Fact]
    public void What_was_fetched_does_not_become_less()
    {
        Add(0);
        Add(1);
        Complete(2, 1, 0, 0);
        Assert.True(queue.TryTake(out _));
        Complete(1, 0, 0, 0);
        Assert.Throws<NvmeException>(() => queue.TryTake(out _));
    }

    [Fact]
    public void Finished_commands_that_were_not_fetched_leave_no_room()
    {
        for (int number = 0; number < Size - 1; number++)
            Add((ushort)number);
        Complete(0, 0, 0, 0);
        Assert.True(queue.TryTake(out _));
        Assert.Throws<NvmeException>(() => Add(0));
    }

    [Fact]
    public void Noise_is_taken_or_refused()
    {
        var random = new Random(1);
        for (int round = 0; round < 10_000; round++)
        {
            var noisy = new QueuePair(1, Size, memory, 0, CompletionAt);
            noisy.Add(default, 0);
            noisy.MustTell();
            random.NextBytes(memory.Span(CompletionAt, Size * QueuePair.CompletionLength));
            try
            {
                for (int taken = 0; noisy.TryTake(out _); taken++)
                    Assert.InRange(taken, 0, Size - 1);
            }
            catch (NvmeException)
            {
                // The driver ends.
            }
        }
    }

    private void Add(ushort identifier)
    {
        queue.Add(default, identifier);
        queue.MustTell();
    }

    // As a controller writes them, one behind the other, with the phase that changes each time round.
    private void Complete(int fetched, ushort identifier, int status, uint result, int number = 1)
    {
        ulong at = CompletionAt + (ulong)(completed % Size * QueuePair.CompletionLength);
        uint phase = completed++ / Size % 2 == 0 ? 1u : 0;
        memory.WriteUInt32(at, result);
        memory.WriteUInt32(at + 8, (uint)number << 16 | (uint)fetched);
        memory.WriteUInt32(at + 12, (uint)status << 17 | phase << 16 | identifier);
    }
}
