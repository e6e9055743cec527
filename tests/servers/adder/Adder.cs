using Libsys.Hosting;
using Libsys.Rings;

namespace Tests.Servers.Counting.Client;

/// <summary>
/// A client of the counter that keeps many requests in flight, knows what was counted for it, and notices each answer that is wrong, missing or one too many.
/// </summary>
internal sealed class Adder(EventLoop loop, ServerContext context, EndpointHandle counter, ulong client)
{
    // Fewer than the window, so that several clients' requests are in flight and none waits for a slot.
    private const int Lanes = 24;

    // After so many a fresh connection takes the place of the old one, so that attaching is interrupted as well.
    private const int RequestsPerConnection = 5000;

    private const ulong Patience = 50_000_000, RetryPeriod = 2_000_000;

    private readonly EndpointCaller caller = new(loop);
    private readonly Random random = new((int)client);
    private bool isStopped;
    private ulong requests, sum, wrong, attachments, generations, lastGeneration;

    /// <summary>Ends when the requests in flight are answered.</summary>
    public void Stop() => isStopped = true;

    /// <summary>Adds until stopped, then compares.</summary>
    public async Task Run()
    {
        while (!isStopped)
        {
            ConnectionClient connection = await Connect();
            ulong last = requests + RequestsPerConnection;
            await Task.WhenAll(Enumerable.Range(0, Lanes).Select(_ => Lane(connection, last)));
            connection.Close();
        }

        ConnectionClient final = await Connect();
        Completion counted = await final.Submit(Request(CounterOperation.Query, 0, ulong.MaxValue));
        string verdict = wrong == 0 && counted.Result == 0 && counted.V1 == requests && counted.V2 == sum ? "exact" : "WRONG";
        context.Log.Write(
            $"finished: {verdict}: {requests} requests answered, {wrong} wrongly, sum {sum}; the counter has {counted.V1} of them and the sum {counted.V2}; " +
            $"{attachments} connections, {generations} generations seen");
        context.Log.Write($"sum of all clients: {counted.V3}");
        final.Close();
    }

    private async Task Lane(ConnectionClient connection, ulong last)
    {
        while (!isStopped && requests < last)
        {
            ulong number = ++requests;
            ulong value = (ulong)random.Next(1, 1000);
            sum += value;
            Completion answer = await connection.Submit(Request(random.Next(3) == 0 ? CounterOperation.AddLater : CounterOperation.Add, value, number));
            if (answer.Result != 0 || answer.V0 != number)
                wrong++;
            ulong generation = connection.Generation;
            if (generation != lastGeneration)
                generations++;
            lastGeneration = generation;
        }
    }

    private Submission Request(CounterOperation operation, ulong value, ulong number) =>
        new() { Operation = (ushort)operation, A0 = value, A1 = number, A2 = client };

    private async Task<ConnectionClient> Connect()
    {
        for (;;)
        {
            var made = new TaskCompletionSource<ConnectionClient?>();
            ConnectionClient.Connect(loop, caller, counter, CounterLimits.Shape, SystemClock.Now + Patience, (_, connection) => made.SetResult(connection));
            if (await made.Task is { } connected)
            {
                attachments++;
                return connected;
            }

            var pause = new TaskCompletionSource();
            loop.CreateTimer(pause.SetResult).Set(SystemClock.Now + RetryPeriod);
            await pause.Task;
        }
    }
}
