using Libsys.Hosting;
using Libsys.Messages;
using Libsys.Rings;
using Tests.Servers.Counting;

namespace Tests.Servers.Grabbing;

/// <summary>Does the counter harm: a request that kills whoever serves it, then a state from which nobody can go on.</summary>
internal sealed class Harm(EventLoop loop, ServerContext context)
{
    private const ulong Number = 7, Client = 7, Patience = 50_000_000, RetryPeriod = 20_000_000;

    private readonly EndpointHandle counter = new(context.Handle("counter").Index);
    private readonly EndpointCaller caller = new(loop);
    private ConnectionClient? connection;
    private bool isKilled;

    /// <summary>Does the next kind.</summary>
    public void Next()
    {
        loop.Start(isKilled ? Damage : Kill);
        isKilled = true;
    }

    private async Task Kill()
    {
        connection = await Connect();
        await Send(CounterOperation.Add);
        // All are sent at once: the one that kills has others around it.
        ValueTask<Completion> before = Send(CounterOperation.AddLater), killing = Send(CounterOperation.Crash), after = Send(CounterOperation.Add);
        Completion first = await before, refused = await killing, last = await after;
        Completion counted = await Send(CounterOperation.Query);
        context.Log.Write($"the request that kills ended with {refused.Result}, those around it with {first.Result} and {last.Result}; counted {counted.V1}, " +
            $"sum {counted.V2}");
    }

    private async Task Damage()
    {
        // Never answered: the connection goes with the state.
        ulong generation = connection!.Generation;
        _ = Send(CounterOperation.Damage).AsTask();
        while (!context.Directory!.TryFind("counter", out PublishedServer server) || server.Generation == generation || server.State != ServerState.Running)
            await Pause();
        connection.Close();
        connection = await Connect();
        Completion counted = await Send(CounterOperation.Query);
        context.Log.Write($"after the damage the counter begins again: counted {counted.V1}, sum {counted.V2}, " +
            $"{connection.Generation - generation} generations later");
    }

    private ValueTask<Completion> Send(CounterOperation operation) =>
        connection!.Submit(new Submission { Operation = (ushort)operation, A0 = Number, A1 = Number, A2 = Client });

    private async Task<ConnectionClient> Connect()
    {
        for (;;)
        {
            var made = new TaskCompletionSource<ConnectionClient?>();
            ConnectionClient.Connect(loop, caller, counter, CounterLimits.Shape, SystemClock.Now + Patience, (_, connected) => made.SetResult(connected));
            if (await made.Task is { } fresh)
                return fresh;
            await Pause();
        }
    }

    private async Task Pause()
    {
        var pause = new TaskCompletionSource();
        loop.CreateTimer(pause.SetResult).Set(SystemClock.Now + RetryPeriod);
        await pause.Task;
    }
}
