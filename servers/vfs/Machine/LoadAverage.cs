using System.Globalization;

namespace Servers.Vfs.Machine;

/// <summary>Load averages as Linux computes them: exponentially damped, sampled every five seconds, proc(5).</summary>
public sealed class LoadAverage
{
    /// <summary>Nanoseconds between samples.</summary>
    public const ulong Period = 5_000_000_000;

    private static readonly double[] Minutes = [1, 5, 15];
    private readonly double[] averages = new double[3];

    /// <summary>Takes a sample.</summary>
    public void Sample(uint runnable)
    {
        for (int index = 0; index < averages.Length; index++)
        {
            double decay = Math.Exp(-5.0 / (60 * Minutes[index]));
            averages[index] = averages[index] * decay + runnable * (1 - decay);
        }
    }

    /// <summary>The three numbers of /proc/loadavg.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{averages[0]:F2} {averages[1]:F2} {averages[2]:F2}");
}
