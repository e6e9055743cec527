namespace Libsys.Hosting.Tests;

/// <summary>
/// A server that is killed and comes back, behind a link: attempts to connect, requests and answers take their time, and each may be lost with its generation.
/// </summary>
internal sealed class PeerUnderTest : IPeer<PeerUnderTest.Request>
{
    private readonly TimerHeap timers = new();
    private readonly List<Connection> connections = [];
    private Action<IPeerConnection<Request>?>? attempt;
    private Connection? accepted;
    private ulong now = 1;

    public PeerUnderTest() => Link = new PeerLink<Request>(timers, () => now, this);

    public PeerLink<Request> Link { get; }

    /// <summary>The generation that runs; 0: none does.</summary>
    public uint Running { get; private set; }

    /// <summary>The last generation that there was.</summary>
    public uint Generation { get; private set; }

    /// <summary>What the supervisor's table says.</summary>
    public uint PublishedGeneration { get; private set; }

    public List<uint> Violations { get; } = [];

    public List<int> Answered { get; } = [];

    /// <summary>Attempts so far.</summary>
    public int Attempts { get; private set; }

    /// <summary>When the next attempt is due; never if none is.</summary>
    public ulong NextAttempt => timers.NextDeadline == ulong.MaxValue ? ulong.MaxValue : timers.NextDeadline - now;

    public bool IsConnecting => attempt != null;

    public void Connect(Action<IPeerConnection<Request>?> done)
    {
        Assert.Null(attempt); // one at a time
        Attempts++;
        attempt = done;
    }

    public void ReportViolation(uint generation) => Violations.Add(generation);

    public Request Submit(int number)
    {
        var request = new Request(number);
        Link.Submit(request);
        return request;
    }

    public void Kill() => Running = 0;

    public void Restart()
    {
        if (Running == 0)
            Running = ++Generation;
    }

    /// <summary>The supervisor tells of it.</summary>
    public void Announce()
    {
        PublishedGeneration = Generation;
        Link.PeerRestarted(Generation);
    }

    /// <summary>Whoever runs attaches; the answer is on its way.</summary>
    public void AcceptAttempt()
    {
        if (attempt != null && Running != 0)
            accepted ??= new Connection(Running);
    }

    /// <summary>The attempt's answer arrives: of whoever has accepted it or runs; if nobody does, it fails.</summary>
    public void AnswerAttempt()
    {
        AcceptAttempt();
        Action<IPeerConnection<Request>?>? done = attempt;
        Connection? connection = accepted;
        attempt = null;
        accepted = null;
        if (done == null)
            return;
        if (connection != null)
            connections.Add(connection);
        done(connection);
    }

    public void Wait(ulong time)
    {
        now += time;
        while (timers.TakeExpired(now) is { } timer)
            timer.Expired();
    }

    /// <summary>The running server does its oldest request, and its answer arrives.</summary>
    public bool Serve()
    {
        Connection? connection = connections.LastOrDefault(candidate => candidate.Generation == Running);
        if (connection == null || !connection.Sent.TryDequeue(out Request? request))
            return false;
        Deliver(connection, request);
        return true;
    }

    /// <summary>An answer that an ended generation had given arrives all the same.</summary>
    public void DeliverLate()
    {
        foreach (Connection connection in connections)
        {
            if (connection.Generation != Running && connection.Sent.TryDequeue(out Request? request))
                Deliver(connection, request);
        }
    }

    /// <summary>The running server breaks the protocol.</summary>
    public void BreakRules()
    {
        if (connections.LastOrDefault() is { IsClosed: false } connection)
            Link.Lost(connection);
    }

    private void Deliver(Connection connection, Request request)
    {
        if (Link.Queue.TryTakeAnswer(connection, request))
            Answered.Add(request.Number);
    }

    internal sealed class Request(int number) : ReplayRequest
    {
        public int Number => number;
    }

    private sealed class Connection(uint generation) : IPeerConnection<Request>
    {
        private int last = -1;

        public Queue<Request> Sent { get; } = new();

        public bool IsClosed { get; private set; }

        public uint Generation => generation;

        public void Send(Request request)
        {
            Assert.False(IsClosed);
            Assert.True(request.Number > last); // in the order in which they were made, each once
            last = request.Number;
            Sent.Enqueue(request);
        }

        public void Close() => IsClosed = true;
    }
}
