namespace Servers.Processes.Publishing;

/// <summary>
/// Exponentially damped averages of the threads that want a CPU, as getloadavg(3) and proc(5) report them: × 65,536, over 1, 5 and 15 minutes.
/// </summary>
internal sealed class LoadAverage
{
    /// <summary>Time between two samples. Linux takes one every 5 s, so that exp(−5/60) and its kin are its factors.</summary>
    public const ulong SampleNanoseconds = 5_000_000_000;

    private static readonly double[] Factors = [Math.Exp(-5.0 / 60), Math.Exp(-5.0 / 300), Math.Exp(-5.0 / 900)];

    private readonly double[] averages = new double[3];

    /// <summary>Takes a sample.</summary>
    public void Add(uint runnable)
    {
        for (int index = 0; index < averages.Length; index++)
            averages[index] = averages[index] * Factors[index] + runnable * (1 - Factors[index]);
    }

    /// <summary>Average 0, 1 or 2 in units of 1/65,536.</summary>
    public ulong Fixed(int index) => (ulong)(averages[index] * 65536);
}
