using System.Globalization;

namespace Microkernel.Image.Bench;

/// <summary>A line that the measuring program (libsys/bench) writes for one row.</summary>
/// <param name="Row">The row's name.</param>
/// <param name="Values">Nanoseconds of an operation in each batch, or the counts of <see cref="BenchCounts"/>; empty where the row is missing.</param>
/// <param name="Missing">Why the system has no such row, or null.</param>
public sealed record BenchLine(string Row, double[] Values, string? Missing)
{
    /// <summary>The middle of the batches, which what happens now and then beside them does not move.</summary>
    public double Median => Middle(Values);

    /// <summary>Reads a line.</summary>
    /// <exception cref="ImageException">The program wrote something else: it has failed.</exception>
    public static BenchLine Parse(string line) => line.Split('\t') switch
    {
        ["missing", string row, string reason] => new BenchLine(row, [], reason),
        ["row" or "counts", string row, .. string[] values] when values.Length > 0 =>
            new BenchLine(row, [.. values.Select(value => double.Parse(value, CultureInfo.InvariantCulture))], null),
        _ => throw new ImageException($"the measuring program wrote: {line}"),
    };

    /// <summary>The median of numbers.</summary>
    public static double Middle(IEnumerable<double> numbers)
    {
        double[] sorted = [.. numbers.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}

/// <summary>What a system of ours did for one operation, in the order in which the measuring program writes it.</summary>
/// <param name="RingRequests">Requests that were put into rings.</param>
/// <param name="KernelCalls">Kernel calls.</param>
/// <param name="EndpointCalls">Endpoint calls among them.</param>
/// <param name="Interrupts">Interrupts, page faults and other exceptions from ring 3.</param>
/// <param name="SpaceSwitches">Loads of another address space's page tables.</param>
public sealed record BenchCounts(double RingRequests, double KernelCalls, double EndpointCalls, double Interrupts, double SpaceSwitches)
{
    /// <summary>Requests to servers: in rings, and endpoint calls.</summary>
    public double Messages => RingRequests + EndpointCalls;

    /// <summary>Entries of the kernel's C#; reflection of a Linux call to the personality is none.</summary>
    public double KernelEntries => KernelCalls + Interrupts;

    /// <summary>From the values of a line.</summary>
    public static BenchCounts From(double[] values) => new(values[0], values[1], values[2], values[3], values[4]);
}
