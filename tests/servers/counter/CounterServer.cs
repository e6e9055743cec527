using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Hosting.Keeping;
using Libsys.Messages;
using Libsys.Rings;

namespace Tests.Servers.Counting.Server;

/// <summary>Serves the counter's clients.</summary>
internal sealed class CounterServer : IResumableHandler
{
    /// <summary>Connections at once.</summary>
    public const int Connections = 8;

    private const long IoError = -5, NotSupported = -95;

    // From the second failure on it is likely that the request is to blame.
    private const uint Suspicious = 2;

    // Long enough that requests of several clients wait together.
    private const ulong LaterPeriod = 1_000_000;

    private readonly EventLoop loop;
    private readonly ServerContext context;
    private readonly KeptState state;
    private readonly Counter counter;
    private readonly KeptConnections connections;
    private readonly LoopTimer later;
    private readonly Stack<(ResumableConnection Connection, int Entry, Submission Request)> waiting = new();
    private readonly HashSet<ResumableConnection> judged = [];

    public CounterServer(EventLoop loop, ServerContext context, KeptObjects objects, KeptState state)
    {
        this.loop = loop;
        this.context = context;
        this.state = state;
        counter = new Counter(state);
        connections = new KeptConnections(loop, objects, state, KeptState.Start + Counter.Length, Connections, CounterLimits.Shape, context.Generation, this);
        later = loop.CreateTimer(AnswerWaiting);
        loop.ClientGone += () => connections.DropLost(IsAlive);
    }

    /// <summary>Bytes of kept state.</summary>
    public static ulong StateLength => (KeptState.Start + Counter.Length + KeptConnections.LengthOf(Connections, CounterLimits.Shape) + 4095) / 4096 * 4096;

    /// <summary>Goes on where the predecessor stopped.</summary>
    public void Resume() => connections.Resume(IsAlive);

    /// <summary>Control calls.</summary>
    public void Receive(in Message message)
    {
        var reply = new ReplyHandle(message.ReplyHandle);
        Message answer = default;
        KernelStatus status = message.Words[0] == (ulong)ConnectOperation.Attach ? connections.TryAttach(in message, out answer) : KernelStatus.BadArgument;
        if (status != KernelStatus.Ok)
        {
            context.Log.Write($"a client cannot attach: {status}");
            message.CloseHandles();
            reply.Reply(NotSupported);
            return;
        }

        reply.Reply(ref answer);
        new KernelHandle(answer.Handles[0]).Close();
    }

    /// <inheritdoc/>
    public void Handle(ResumableConnection connection, int entry, in Submission submission)
    {
        if (entry == connection.Interrupted && judged.Add(connection) && context.Attempt >= Suspicious)
        {
            var refused = new Completion { Tag = submission.Tag, V0 = submission.A1, Result = IoError };
            connection.Complete(state, entry, ref refused);
            return;
        }

        if ((CounterOperation)submission.Operation is CounterOperation.Damage or CounterOperation.Crash)
            Fail((CounterOperation)submission.Operation);
        if (connection.MarkOf(entry) == 0)
        {
            ulong mark = 0;
            if (counter.Serve(in submission, ref mark, out Completion completion))
            {
                connection.Complete(state, entry, ref completion);
                return;
            }

            connection.SetMark(entry, mark);
            state.Commit();
        }

        waiting.Push((connection, entry, submission));
        later.Set(loop.Now + LaterPeriod);
    }

    /// <inheritdoc/>
    public void Violated(ResumableConnection connection)
    {
        connections.Detach(connection);
        context.ReportViolation(connection.Badge);
    }

    // Behind what came later: the order of answers is not that of requests.
    private void AnswerWaiting()
    {
        while (waiting.TryPop(out (ResumableConnection Connection, int Entry, Submission Request) one))
        {
            if (!one.Connection.IsOpen)
                continue;
            ulong mark = one.Connection.MarkOf(one.Entry);
            counter.Serve(in one.Request, ref mark, out Completion completion);
            one.Connection.Complete(state, one.Entry, ref completion);
        }
    }

    private void Fail(CounterOperation how)
    {
        if (how == CounterOperation.Damage)
            // a connection in use that has no objects
            state.Write(KeptState.Start + Counter.Length + KeptConnections.LengthOf(Connections - 1, CounterLimits.Shape), 1);
        throw new InvalidOperationException("a client asked for a failure");
    }

    private bool IsAlive(ulong badge) => context.Directory?.IsAlive(badge) ?? true;
}
