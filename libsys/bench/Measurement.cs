using System.Globalization;
using System.Runtime.CompilerServices;

namespace Libsys.Bench;

/// <summary>What is reported of a row.</summary>
internal enum Mode
{
    /// <summary>Nanoseconds.</summary>
    Time,

    /// <summary>What the counting kernel counts.</summary>
    Counting,

    /// <summary>One batch between two marks, which the host traces.</summary>
    Profile,
}

/// <summary>
/// Repeats an operation in batches of about equal length. One batch is not counted: it finds the pages untouched, and tables that grow. What happens now and
/// then beside operations (a tick, a collection in a server) is in one batch or another, and not in the median of all.
/// </summary>
/// <param name="BatchNanoseconds">Of a batch, about.</param>
/// <param name="Batches">That are reported.</param>
/// <param name="Mode">What is reported.</param>
internal sealed record Measurement(long BatchNanoseconds, int Batches, Mode Mode)
{
    // A tenth of a batch is enough to know how many operations are one, and so few are too few for an average.
    private const int FewestRounds = 4;

    // What a program uses often comes into its memory, a stream after eight requests. So many rounds are made before any that count, however long they take.
    private const int RoundsUntilMapped = 16;

    // Of the machine's time. The host only has to send two lines to QEMU meanwhile.
    private const double SecondsToBegin = 5;

    // Keeps the two marks apart and in their place.
    private static int mark;

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
            double[] values = Mode switch
            {
                Mode.Counting => CountBatch(prepared, rounds),
                Mode.Profile => ShowBatch(row.Name, prepared),
                _ => MeasureBatches(prepared, rounds),
            };
            prepared.End?.Invoke();
            string kind = Mode == Mode.Counting ? "counts" : "row";
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

    // For whoever traces the machine: it is told, gets time to begin, and sees the two marks around the batch. The value is the number of operations.
    private double[] ShowBatch(string name, Prepared prepared)
    {
        int rounds = FindRounds(prepared.Once);
        Linux.WriteLine($"ready\t{name}");
        Linux.Sleep(SecondsToBegin);
        Begin();
        Repeat(prepared.Once, rounds);
        End();
        return [rounds * prepared.Parts];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Begin() => Volatile.Write(ref mark, 1);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void End() => Volatile.Write(ref mark, 2);

    private int FindRounds(Func<long> once)
    {
        for (int rounds = 1; ; rounds *= 2)
        {
            long time = Math.Max(Repeat(once, rounds), 1);
            if (time >= BatchNanoseconds / 8 && rounds >= RoundsUntilMapped)
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
