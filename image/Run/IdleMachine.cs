namespace Microkernel.Image.Run;

/// <summary>
/// Notices that a machine which gets no more input does nothing any more. It judges by the processor time that the machine takes and not by its output: what a
/// program that reads the terminal raw answers to each ^D is no progress.
/// </summary>
internal static class IdleMachine
{
    /// <summary>A machine that has done nothing for so long waits for something that does not come.</summary>
    public static readonly TimeSpan LongestIdle = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // A machine whose programs all wait takes 1 to 2 % of a processor here, with a ^D each second.
    private const double IdleShare = 0.05;

    /// <summary>Completes when the machine has been idle for <see cref="LongestIdle"/>.</summary>
    /// <param name="processorTime">What the machine has used so far.</param>
    /// <param name="delay">Waits for an interval.</param>
    /// <param name="cancellation">Ends the watch.</param>
    public static async Task WatchAsync(Func<TimeSpan> processorTime, Func<TimeSpan, CancellationToken, Task> delay, CancellationToken cancellation)
    {
        // Counting intervals instead of reading the clock leaves out the time in which the whole host was stopped.
        TimeSpan before = processorTime();
        for (TimeSpan idle = TimeSpan.Zero; idle < LongestIdle;)
        {
            await delay(Interval, cancellation);
            TimeSpan now = processorTime();
            idle = now - before < Interval * IdleShare ? idle + Interval : TimeSpan.Zero;
            before = now;
        }
    }
}
