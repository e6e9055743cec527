using Libsys.Hosting.Keeping;
using Libsys.Rings;
using Tests.Servers.Counting;
using Tests.Servers.Counting.Server;

namespace Libsys.Hosting.Tests.Keeping;

/// <summary>
/// The counter of the boot tests over plain memory: the product's kept state and rings, and the clients' side of the product's rings. Its process ends at a
/// step that the test chooses; clients act between any two steps, as they do on another processor.
/// </summary>
internal sealed class MortalCounter
{
    private readonly MappedMemory memory;
    private readonly Random random;
    private readonly CountingClient[] clients;
    private readonly Stack<(int Client, int Entry)> waiting = new();
    private ResumableRing?[] rings = [];
    private KeptState? state;
    private Counter? counter;
    private ulong generation;
    private int left;

    /// <summary>A world of its own; equal seeds make equal worlds.</summary>
    /// <param name="seed">Of all choices.</param>
    /// <param name="honest">Clients that keep the rules.</param>
    /// <param name="hostile">Clients that write anything anywhere in their shared memory.</param>
    public MortalCounter(int seed, int honest, int hostile)
    {
        random = new Random(seed);
        clients = [.. Enumerable.Range(0, honest + hostile).Select(client => new CountingClient((ulong)client, client >= honest, random))];
        memory = MappedMemory.Allocate((int)At(clients.Length));
        var fresh = KeptState.Make(memory);
        for (int client = 0; client < clients.Length; client++)
            ResumableRing.Clear(fresh, At(client), CounterLimits.Shape);
    }

    /// <summary>Deaths so far.</summary>
    public int Deaths { get; private set; }

    /// <summary>Requests that were answered.</summary>
    public int Answered => clients.Where(client => !client.IsHostile).Sum(client => client.Answered);

    /// <summary>
    /// One life: until the process ends at its step number <paramref name="deadline"/>, or has made so many turns. True if it ended by the step.
    /// </summary>
    public bool Live(int deadline, int turns)
    {
        left = deadline;
        try
        {
            waiting.Clear();
            state = KeptState.Open(memory, Step);
            counter = new Counter(state);
            generation++;
            rings = [.. clients.Select((client, index) => client.IsDropped ? null
                : new ResumableRing(state, At(index), client.Memory, CounterLimits.Shape, generation))];
            for (int client = 0; client < clients.Length; client++)
            {
                foreach (int entry in rings[client]?.InFlight.ToArray() ?? [])
                    Serve(client, entry);
            }

            for (int turn = 0; turn < turns; turn++)
                Turn();
            return false;
        }
        catch (DeathException)
        {
            Deaths++;
            return true;
        }
    }

    /// <summary>No new requests; all that are in flight are answered, and everything was counted once.</summary>
    public void CheckTotals()
    {
        foreach (CountingClient client in clients)
            client.IsClosing = true;
        Assert.False(Live(int.MaxValue, turns: 400));
        ulong all = 0;
        foreach (CountingClient client in clients.Where(client => !client.IsHostile))
        {
            Assert.Equal(0, client.InFlight);
            Assert.True(rings[client.Number]!.Outstanding == 0);
            var query = new Submission { Operation = (ushort)CounterOperation.Query, A2 = client.Number };
            ulong mark = 0;
            counter!.Serve(in query, ref mark, out Completion counted);
            Assert.Equal((ulong)client.Answered, counted.V1);
            Assert.Equal(client.Sum, counted.V2);
            all += client.Sum;
        }

        if (!clients.Any(client => client.IsHostile))
            Assert.Equal(all, counter!.Value);
    }

    private static ulong At(int client) => KeptState.Start + Counter.Length + (ulong)client * ResumableRing.LengthOf(CounterLimits.Shape);

    private void Step()
    {
        if (random.Next(4) == 0)
            clients[random.Next(clients.Length)].Act();
        if (--left == 0)
            throw new DeathException();
    }

    private void Turn()
    {
        foreach (CountingClient client in clients)
            client.Act();
        for (int client = 0; client < clients.Length; client++)
        {
            if (rings[client] is not { } ring)
                continue;
            for (int count = random.Next(6); count > 0; count--)
            {
                RingStatus status = ring.TryTake(out int entry, out _);
                if (status == RingStatus.Violation)
                {
                    Assert.True(clients[client].IsHostile);
                    clients[client].IsDropped = true;
                    rings[client] = null;
                    break;
                }

                if (status == RingStatus.Empty)
                    break;
                Serve(client, entry);
            }
        }

        for (int count = random.Next(8); count > 0 && waiting.TryPop(out (int Client, int Entry) one); count--)
            Serve(one.Client, one.Entry);
    }

    // As the server of the boot tests does.
    private void Serve(int client, int entry)
    {
        if (rings[client] is not { } ring)
            return;
        ring.BeginWork(entry);
        Submission request = ring.RequestOf(entry);
        ulong before = ring.MarkOf(entry), mark = before;
        if (counter!.Serve(in request, ref mark, out Completion completion))
        {
            ring.Complete(entry, ref completion, out _);
        }
        else
        {
            ring.SetMark(entry, mark);
            state!.Commit();
            waiting.Push((client, entry));
        }

        ring.EndWork();
    }
}
