namespace Microkernel.Image.Run;

/// <summary>
/// Ends the wait for a system that does not come up. It judges by progress: as long as the logs grow, the boot may take long on a busy host.
/// </summary>
internal sealed class BootWatchdog(params string[] logs)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>A boot that writes nothing for this long has stopped. Linux is silent for up to 3 s on an idle host; others may use the CPUs too.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(30);

    /// <summary>A boot that still has no session after this time goes round in circles.</summary>
    private static readonly TimeSpan LongestBoot = TimeSpan.FromSeconds(180);

    /// <summary>Completes with the reason when the boot has stopped; never, once <paramref name="ready"/> is complete.</summary>
    public async Task<string> WatchAsync(Task ready, CancellationToken cancellation)
    {
        TimeSpan silence = TimeSpan.Zero;
        TimeSpan total = TimeSpan.Zero;
        long length = 0;
        while (!ready.IsCompleted)
        {
            await Task.Delay(Interval, cancellation);

            // Counting intervals instead of reading the clock leaves out the time in which the whole host was stopped.
            total += Interval;
            silence += Interval;
            long now = logs.Sum(Length);
            if (now != length)
                silence = TimeSpan.Zero;
            length = now;
            if (silence >= LongestSilence)
                return $"no session, and no sign of life for {LongestSilence.TotalSeconds} s";
            if (total >= LongestBoot)
                return $"no session after {LongestBoot.TotalSeconds} s";
        }

        // Cancelled with the run, as above: an end with a reason would look like a boot that has stopped, if it is seen before QEMU's own.
        await Task.Delay(Timeout.Infinite, cancellation);
        return "";
    }

    private static long Length(string log) => File.Exists(log) ? new FileInfo(log).Length : 0;
}
