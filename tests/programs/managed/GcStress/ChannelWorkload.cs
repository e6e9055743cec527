using System.Threading.Channels;

namespace GcStress;

/// <summary>A producer and a consumer on a bounded channel, with yields and short delays: continuations hop between pool threads.</summary>
internal static class ChannelWorkload
{
    /// <summary>Items per round.</summary>
    private const int Items = 200;

    /// <summary>Rounds done until the token is cancelled.</summary>
    public static async Task<long> RunAsync(CancellationToken stop)
    {
        long rounds = 0;
        while (!stop.IsCancellationRequested)
        {
            Channel<int> channel = Channel.CreateBounded<int>(8);
            Task producer = ProduceAsync(channel.Writer);
            long sum = 0;
            await foreach (int item in channel.Reader.ReadAllAsync())
                sum += item;
            await producer;
            if (sum != Items * (Items - 1) / 2)
                throw new InvalidOperationException($"the sum is {sum}");
            await Task.Delay(1);
            rounds++;
        }
        return rounds;
    }

    private static async Task ProduceAsync(ChannelWriter<int> writer)
    {
        for (int i = 0; i < Items; i++)
        {
            if (i % 16 == 0)
                await Task.Yield();
            await writer.WriteAsync(i);
        }
        writer.Complete();
    }
}
