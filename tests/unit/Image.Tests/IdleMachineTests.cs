using Microkernel.Image.Run;

namespace Microkernel.Image.Tests;

/// <summary>When a machine that gets no more input counts as done.</summary>
public sealed class IdleMachineTests
{
    private static readonly int Longest = (int)IdleMachine.LongestIdle.TotalSeconds;

    [Theory]
    [InlineData(0)]
    [InlineData(20)] // what an idle one takes
    public async Task A_machine_that_does_nothing_is_done_after_the_bound(int milliseconds) =>
        Assert.Equal(Longest, await Seconds(_ => milliseconds, 10 * Longest));

    [Theory]
    [InlineData(100)] // on a busy host a machine at work gets little
    [InlineData(2000)]
    public async Task A_machine_at_work_is_never_done(int milliseconds) => Assert.Null(await Seconds(_ => milliseconds, 100 * Longest));

    [Fact]
    public async Task Work_begins_the_count_again() =>
        Assert.Equal(Longest - 1 + Longest, await Seconds(second => second == Longest - 2 ? 500 : 10, 10 * Longest));

    // Seconds until it is done, with the milliseconds of processor time that each takes; null: not before the last one.
    private static async Task<int?> Seconds(Func<int, int> used, int last)
    {
        using var over = new CancellationTokenSource();
        (int seconds, TimeSpan total) = (0, TimeSpan.Zero);
        Task Delay(TimeSpan interval, CancellationToken cancellation)
        {
            if (seconds == last)
                over.Cancel();
            cancellation.ThrowIfCancellationRequested();
            total += TimeSpan.FromMilliseconds(used(seconds));
            seconds += (int)interval.TotalSeconds;
            return Task.CompletedTask;
        }

        try
        {
            await IdleMachine.WatchAsync(() => total, Delay, over.Token);
            return seconds;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }
}
