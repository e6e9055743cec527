using CsCheck;
using Libsys.Hosting;

namespace Libsys.Rings.Tests;

/// <summary>Two sides that keep the protocol, in any order of steps.</summary>
public sealed class OrdinaryPeers
{
    private enum Step { Submit, ServerTakes, ServerCompletes, ClientTakes, ServerSleeps, ClientSleeps }

    [Fact]
    public void Every_request_arrives_once_in_order_and_is_answered_once()
    {
        Gen.Select(Shapes.Any, Gen.Int[0, 5].Select(value => (Step)value).Array[0, 600]).Sample((shape, steps) =>
        {
            using MappedMemory memory = RingMemory.Allocate(shape);
            RingClient client = RingMemory.Client(memory, shape);
            RingServer server = RingMemory.Server(memory, shape, 7);
            ulong submitted = 0, taken = 0, completed = 0, answered = 0;
            foreach (Step step in steps)
            {
                switch (step)
                {
                    case Step.Submit:
                        var submission = new Submission { Tag = submitted, A4 = ~submitted };
                        bool room = submitted - answered < shape.Slots;
                        Assert.Equal(room, client.TrySubmit(ref submission, out _));
                        submitted += room ? 1ul : 0;
                        break;
                    case Step.ServerTakes:
                        Submission received = default;
                        RingStatus status = server.TryTake(ref received);
                        Assert.Equal(taken < submitted ? RingStatus.Taken : RingStatus.Empty, status);
                        if (status != RingStatus.Taken)
                            break;
                        Assert.Equal(taken, received.Tag);
                        Assert.Equal(~taken, received.A4);
                        taken++;
                        break;
                    case Step.ServerCompletes:
                        var completion = new Completion { Tag = completed, V5 = completed * 3 };
                        bool outstanding = completed < taken;
                        Assert.Equal(outstanding, server.TryComplete(in completion, out _));
                        completed += outstanding ? 1ul : 0;
                        break;
                    case Step.ClientTakes:
                        Completion answer = default;
                        RingStatus found = client.TryTake(ref answer);
                        Assert.Equal(answered < completed ? RingStatus.Taken : RingStatus.Empty, found);
                        if (found != RingStatus.Taken)
                            break;
                        Assert.Equal(answered, answer.Tag);
                        Assert.Equal(answered * 3, answer.V5);
                        answered++;
                        break;
                    case Step.ServerSleeps:
                        Assert.Equal(taken == submitted, server.PrepareSleep());
                        break;
                    default:
                        Assert.Equal(answered == completed, client.PrepareSleep());
                        break;
                }

                Assert.Equal(submitted - answered, client.InFlight);
                Assert.Equal(taken - completed, server.Outstanding);
            }
        });
    }

    [Fact]
    public void A_doorbell_is_rung_exactly_once_for_a_sleeping_server()
    {
        using MappedMemory memory = RingMemory.Allocate(Shapes.Usual);
        RingClient client = RingMemory.Client(memory, Shapes.Usual);
        RingServer server = RingMemory.Server(memory, Shapes.Usual, 1);
        Submission submission = default;
        Assert.True(client.TrySubmit(ref submission, out bool first));
        Assert.True(client.TrySubmit(ref submission, out bool second));
        Assert.True(first);
        Assert.False(second);
        Assert.False(server.PrepareSleep());
        Assert.Equal(RingStatus.Taken, server.TryTake(ref submission));
        Assert.Equal(RingStatus.Taken, server.TryTake(ref submission));
        Assert.True(server.PrepareSleep());
        Assert.True(client.TrySubmit(ref submission, out bool third));
        Assert.True(third);
    }

    [Fact]
    public void An_awake_server_is_not_rung()
    {
        using MappedMemory memory = RingMemory.Allocate(Shapes.Usual);
        RingClient client = RingMemory.Client(memory, Shapes.Usual);
        RingServer server = RingMemory.Server(memory, Shapes.Usual, 1);
        server.CancelSleep();
        Submission submission = default;
        Assert.True(client.TrySubmit(ref submission, out bool bell));
        Assert.False(bell);
    }

    [Fact]
    public void A_client_learns_the_generation_of_its_server()
    {
        using MappedMemory memory = RingMemory.Allocate(Shapes.Usual);
        RingClient client = RingMemory.Client(memory, Shapes.Usual);
        Assert.Equal(0ul, client.Generation);
        _ = RingMemory.Server(memory, Shapes.Usual, 42);
        Assert.Equal(42ul, client.Generation);
    }

    [Fact]
    public void Two_threads_that_sleep_when_idle_lose_no_wake_up()
    {
        const ulong Requests = 200_000;
        using MappedMemory memory = RingMemory.Allocate(Shapes.Usual);
        using var serverBell = new SemaphoreSlim(0);
        using var clientBell = new SemaphoreSlim(0);
        RingServer server = RingMemory.Server(memory, Shapes.Usual, 1);
        var thread = new Thread(() =>
        {
            Submission submission = default;
            for (ulong done = 0; done < Requests;)
            {
                if (server.TryTake(ref submission) == RingStatus.Taken)
                {
                    var completion = new Completion { Tag = submission.Tag };
                    server.TryComplete(in completion, out bool ring);
                    if (ring)
                        clientBell.Release();
                    done++;
                }
                else if (server.PrepareSleep())
                {
                    Assert.True(serverBell.Wait(TimeSpan.FromSeconds(30)), "server slept through a request");
                }
            }
        });
        thread.Start();

        RingClient client = RingMemory.Client(memory, Shapes.Usual);
        ulong sent = 0;
        for (ulong received = 0; received < Requests;)
        {
            // An uneven number in flight, so that both sides fall asleep at different points of the other's work.
            for (ulong burst = 0; burst < sent % 7 + 1 && sent < Requests; burst++)
            {
                var submission = new Submission { Tag = sent };
                if (!client.TrySubmit(ref submission, out bool ring))
                    break;
                sent++;
                if (ring)
                    serverBell.Release();
            }

            Completion completion = default;
            if (client.TryTake(ref completion) == RingStatus.Taken)
                Assert.Equal(received++, completion.Tag);
            else if (client.PrepareSleep())
                Assert.True(clientBell.Wait(TimeSpan.FromSeconds(30)), "client slept through a completion");
        }

        thread.Join();
    }
}
