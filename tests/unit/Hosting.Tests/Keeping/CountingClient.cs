using Libsys.Rings;
using Tests.Servers.Counting;

namespace Libsys.Hosting.Tests.Keeping;

/// <summary>A client of the counter: knows what is in flight, and notices an answer that is wrong, or one too many.</summary>
internal sealed class CountingClient
{
    private readonly Random random;
    private readonly Dictionary<ulong, ulong> inFlight = [];
    private RingClient ring;
    private ulong lastTag;

    public CountingClient(ulong number, bool isHostile, Random random)
    {
        Number = number;
        IsHostile = isHostile;
        this.random = random;
        ring = RingMemory.Client(Memory, CounterLimits.Shape);
    }

    /// <summary>The connection.</summary>
    public MappedMemory Memory { get; } = RingMemory.Allocate(CounterLimits.Shape);

    public ulong Number { get; }

    public bool IsHostile { get; }

    /// <summary>The server found that it broke the protocol.</summary>
    public bool IsDropped { get; set; }

    /// <summary>It submits nothing any more.</summary>
    public bool IsClosing { get; set; }

    public int Answered { get; private set; }

    /// <summary>Of the requests that were answered.</summary>
    public ulong Sum { get; private set; }

    public int InFlight => inFlight.Count;

    /// <summary>Submits, takes an answer, or does harm.</summary>
    public void Act()
    {
        if (IsHostile && random.Next(3) == 0)
            Scribble();
        else if (!IsClosing && random.Next(2) == 0 && ring.CanSubmit)
            Submit();
        else
            Take();
    }

    private void Submit()
    {
        ulong value = (ulong)random.Next(1, 1000);
        var request = new Submission
        {
            Tag = ++lastTag,
            Operation = (ushort)(random.Next(3) == 0 ? CounterOperation.AddLater : CounterOperation.Add),
            A0 = value,
            A1 = lastTag,
            A2 = Number,
        };
        inFlight.Add(lastTag, value);
        Assert.True(ring.TrySubmit(ref request, out _));
    }

    private void Take()
    {
        Completion answer = default;
        RingStatus status = ring.TryTake(ref answer);
        if (status == RingStatus.Empty || IsHostile)
            return;
        Assert.Equal(RingStatus.Taken, status);
        Assert.True(inFlight.Remove(answer.Tag, out ulong value), $"client {Number}: an answer to {answer.Tag}, which is not in flight");
        Assert.Equal(0, answer.Result);
        Assert.Equal(answer.Tag, answer.V0);
        Answered++;
        Sum += value;
    }

    // Whole cache lines of its indices and slots, or all of them.
    private void Scribble()
    {
        Span<byte> shared = Memory.Span(0, (int)Memory.Length);
        if (random.Next(8) == 0)
            random.NextBytes(shared);
        else
            random.NextBytes(shared.Slice(random.Next(shared.Length / 64) * 64, 64));
        // Indices that are nearly right get further than noise.
        Memory.WriteUInt32(RingLayout.SubmissionTail, Memory.ReadUInt32(RingLayout.SubmissionHead) + (uint)random.Next(4));
    }
}
