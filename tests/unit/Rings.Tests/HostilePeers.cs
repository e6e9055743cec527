using CsCheck;
using Libsys.Hosting;

namespace Libsys.Rings.Tests;

/// <summary>A peer that writes anything anywhere harms nobody but its own connection.</summary>
public sealed class HostilePeers
{
    private static Gen<(int Offset, uint Value)> Write(ConnectionShape shape) =>
        Gen.Select(
            Gen.OneOf(Gen.Int[0, (int)shape.Pool / 4 - 1], Gen.OneOfConst(0x40, 0x80, 0xC0, 0x100, 0x140, 0x180).Select(offset => offset / 4)),
            Gen.OneOf(Gen.UInt, Gen.UInt[0, 200]))
            .Select((word, value) => (word * 4, value));

    private static Gen<(ConnectionShape Shape, ((int Offset, uint Value) Write, int Action)[] Steps)> Attack =>
        Shapes.Any.SelectMany(shape => Gen.Select(Write(shape), Gen.Int[0, 3]).Array[0, 300].Select(steps => (shape, steps)));

    [Fact]
    public void A_server_never_takes_more_than_its_ring_holds_nor_overflows_the_completions()
    {
        Attack.Sample((shape, steps) =>
        {
            using MappedMemory memory = RingMemory.Allocate(shape);
            RingServer server = RingMemory.Server(memory, shape, 1);
            foreach (((int offset, uint value), int action) in steps)
            {
                memory.WriteUInt32((ulong)offset, value);
                if (action == 0)
                {
                    Completion completion = default;
                    Assert.Equal(server.Outstanding > 0, server.TryComplete(in completion, out _));
                }
                else
                {
                    Submission submission = default;
                    uint before = server.Outstanding;
                    RingStatus status = server.TryTake(ref submission);
                    if (status == RingStatus.Violation)
                        return;
                    Assert.Equal(before + (status == RingStatus.Taken ? 1u : 0u), server.Outstanding);
                }

                Assert.True(server.Outstanding <= shape.Slots);
            }
        });
    }

    [Fact]
    public void A_client_never_takes_more_completions_than_it_has_requests()
    {
        Attack.Sample((shape, steps) =>
        {
            using MappedMemory memory = RingMemory.Allocate(shape);
            RingClient client = RingMemory.Client(memory, shape);
            foreach (((int offset, uint value), int action) in steps)
            {
                memory.WriteUInt32((ulong)offset, value);
                if (action == 0)
                {
                    Submission submission = default;
                    Assert.Equal(client.InFlight < shape.Slots, client.TrySubmit(ref submission, out _));
                }
                else
                {
                    Completion completion = default;
                    uint before = client.InFlight;
                    RingStatus status = client.TryTake(ref completion);
                    if (status == RingStatus.Violation)
                        return;
                    Assert.Equal(before - (status == RingStatus.Taken ? 1u : 0u), client.InFlight);
                }

                Assert.True(client.InFlight <= shape.Slots);
            }
        });
    }

    [Theory]
    [InlineData(65u)]
    [InlineData(0x8000_0000u)]
    [InlineData(uint.MaxValue)]
    public void A_submission_index_too_far_ahead_is_a_violation(uint tail)
    {
        using MappedMemory memory = RingMemory.Allocate(Shapes.Usual);
        RingServer server = RingMemory.Server(memory, Shapes.Usual, 1);
        memory.WriteUInt32(RingLayout.SubmissionTail, tail);
        Submission submission = default;
        Assert.Equal(RingStatus.Violation, server.TryTake(ref submission));
    }

    [Fact]
    public void A_client_that_does_not_take_its_completions_cannot_submit_beyond_the_ring()
    {
        using MappedMemory memory = RingMemory.Allocate(Shapes.Usual);
        RingServer server = RingMemory.Server(memory, Shapes.Usual, 1);
        Submission submission = default;
        Completion completion = default;
        for (uint request = 1; request <= Shapes.Usual.Slots; request++)
        {
            memory.WriteUInt32(RingLayout.SubmissionTail, request);
            Assert.Equal(RingStatus.Taken, server.TryTake(ref submission));
            Assert.True(server.TryComplete(in completion, out _));
        }

        memory.WriteUInt32(RingLayout.SubmissionTail, Shapes.Usual.Slots + 1);
        Assert.Equal(RingStatus.Violation, server.TryTake(ref submission));
    }

    [Fact]
    public void A_slot_that_changes_after_it_was_taken_does_not_change_the_copy()
    {
        using MappedMemory memory = RingMemory.Allocate(Shapes.Usual);
        RingServer server = RingMemory.Server(memory, Shapes.Usual, 1);
        memory.WriteUInt64(Shapes.Usual.Submissions, 11);
        memory.WriteUInt32(RingLayout.SubmissionTail, 1);
        Submission submission = default;
        Assert.Equal(RingStatus.Taken, server.TryTake(ref submission));
        memory.WriteUInt64(Shapes.Usual.Submissions, 12);
        Assert.Equal(11ul, submission.Tag);
    }

    /// <summary>
    /// The words are the peer's to write too: a wish that it invents is a bell that nobody needed, one that it takes away keeps only its own side asleep.
    /// </summary>
    [Fact]
    public void A_want_bell_word_that_lies_costs_a_bell_or_the_liars_own_sleep()
    {
        using MappedMemory memory = RingMemory.Allocate(Shapes.Usual);
        RingClient client = RingMemory.Client(memory, Shapes.Usual);
        RingServer server = RingMemory.Server(memory, Shapes.Usual, 1);
        Submission submission = default;
        Completion completion = default;
        foreach (uint wish in (uint[])[0, 1, 2, uint.MaxValue])
        {
            // The client lies about the server's wish, then asks: the server, which looks by itself, finds the request whatever the word says.
            Assert.True(server.PrepareSleep());
            memory.WriteUInt32(RingLayout.ServerWantsBell, wish);
            Assert.True(client.TrySubmit(ref submission, out bool bell));
            Assert.Equal(wish != 0, bell);
            Assert.False(server.PrepareSleep());
            Assert.Equal(RingStatus.Taken, server.TryTake(ref submission));

            memory.WriteUInt32(RingLayout.ClientWantsBell, wish);
            Assert.True(server.TryComplete(in completion, out bell));
            Assert.Equal(wish != 0, bell);
            Assert.Equal(RingStatus.Taken, client.TryTake(ref completion));
        }
    }
}
