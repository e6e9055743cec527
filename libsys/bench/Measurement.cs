using System.Globalization;

namespace Libsys.Bench;

/// <summary>
/// Repeats an operation in batches of about equal length. One batch is not counted: it finds the pages untouched, and tables that grow. What happens now and
/// then beside operations (a tick, a collection in a server) is in one batch or another, and not in the median of all.
/// </summary>
/// <param name="BatchNanoseconds">Of a batch, about.</param>
/// <param name="Batches">That are reported.</param>
internal sealed record Measurement(long BatchNanoseconds, int Batches)
{
    // A tenth of a batch is enough to know how many operations are one, and so few are too few for an average.
    private const int FewestRounds = 4;

    /// <summary>
    /// A line of results: <c>row</c>, the row's name, and nanoseconds of an operation in each batch; on the counting kernel <c>counts</c>, the name, and per
    /// operation what is counted; or <c>missing</c>, the name, and why.
    /// </summary>
    public string Run(Row row)
    {
        try
        {
            Counters.ForgetProcesses();
            Prepared prepared = row.Prepare();
            int rounds = FindRounds(prepared.Once);
            Repeat(prepared.Once, rounds);
            double[] values = Counters.Enabled ? CountBatch(prepared, rounds) : MeasureBatches(prepared, rounds);
            prepared.End?.Invoke();
            string kind = Counters.Enabled ? "counts" : "row";
            return $"{kind}\t{row.Name}\t{string.Join('\t', values.Select(value => value.ToString("F3", CultureInfo.InvariantCulture)))}";
        }
        catch (CallFailedException error)
        {
            return $"missing\t{row.Name}\t{error.Message}";
        }
    }

    private double[] MeasureBatches(Prepared prepared, int rounds)
    {
        var times = new double[Batches];
        for (int batch = 0; batch < Batches; batch++)
            times[batch] = (double)Repeat(prepared.Once, rounds) / rounds / prepared.Parts;
        return times;
    }

    private static double[] CountBatch(Prepared prepared, int rounds)
    {
        Span<long> before = stackalloc long[Counters.Count], after = stackalloc long[Counters.Count];
        Counters.Read(before);
        Repeat(prepared.Once, rounds);
        Counters.Read(after);
        var counts = new double[Counters.Count];
        for (int counter = 0; counter < Counters.Count; counter++)
            counts[counter] = (double)(after[counter] - before[counter]) / rounds / prepared.Parts;
        return counts;
    }

    private int FindRounds(Func<long> once)
    {
        for (int rounds = 1; ; rounds *= 2)
        {
            long time = Math.Max(Repeat(once, rounds), 1);
            if (time >= BatchNanoseconds / 8)
                return Math.Max((int)(BatchNanoseconds * rounds / time), FewestRounds);
        }
    }

    private static long Repeat(Func<long> once, int rounds)
    {
        long began = Linux.Now();
        for (int round = 0; round < rounds; round++)
        {
            if (once() < 0)
                Linux.Check(-1, "the operation");
        }

        return Linux.Now() - began;
    }
}
