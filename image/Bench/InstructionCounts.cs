using System.Globalization;

namespace Microkernel.Image.Bench;

/// <summary>
/// Instructions of operations that the tree remembers: a file of lines `instructions name`. `make test` fails when one has grown, `make counts` writes them
/// anew. Which operations are guarded is what the file names.
/// </summary>
public sealed record InstructionCounts(IReadOnlyDictionary<string, long> Rows)
{
    /// <summary>Growth that is a failure, as a share.</summary>
    public const double Tolerance = 0.05;

    // Enough that the kernel's tick and a collection in a server are outside of the median batch.
    private const long BatchLength = 2_000_000;
    private const int Batches = 5;

    private const int NumberWidth = 10;

    private const string Heading = """
        # Instructions of an operation, one CPU, ICOUNT=1: `make test` fails when one has grown by more than 5 %.
        # Written by `make counts`, which measures the operations that are named here. Names are those of libsys/bench.

        """;

    /// <summary>Reads the file's text.</summary>
    /// <exception cref="ImageException">A line is wrong, or a name is there twice.</exception>
    public static InstructionCounts Parse(string text)
    {
        var rows = new Dictionary<string, long>();
        foreach (string line in text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#'))
        {
            string[] parts = line.Split(' ', 2);
            if (parts.Length != 2 || !long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out long count)
                || !rows.TryAdd(parts[1].Trim(), count))
                throw new ImageException($"instruction counts: expected a number and a new name, found: {line}");
        }

        return new InstructionCounts(rows);
    }

    /// <summary>The text for the file.</summary>
    public string Format() =>
        Heading + string.Concat(Rows.Select(row => row.Value.ToString(CultureInfo.InvariantCulture).PadLeft(NumberWidth) + "  " + row.Key + "\n"));

    /// <summary>Of two measurements the lower number of each row.</summary>
    public InstructionCounts Least(InstructionCounts other) => new(Rows.ToDictionary(row => row.Key, row => Math.Min(row.Value, other.Rows[row.Key])));

    /// <summary>Measures the operations that are named here, in one boot.</summary>
    /// <exception cref="ImageException">The boot failed, or a row is not there.</exception>
    public async Task<InstructionCounts> MeasureAsync(RepositoryLayout repository, Action<BenchLine> measured, CancellationToken cancellation)
    {
        var boot = new BenchBoot
        {
            System = Run.TargetSystem.Microkernel, CountsInstructions = true, BatchLength = BatchLength, Batches = Batches,
            Rows = [.. Rows.Keys.Select(name => "=" + name)],
        };
        IReadOnlyList<BenchLine> lines = await boot.RunAsync(repository, measured, cancellation);
        Dictionary<string, BenchLine> found = lines.Where(line => line.Missing is null).ToDictionary(line => line.Row);
        if (Rows.Keys.FirstOrDefault(name => !found.ContainsKey(name)) is string missing)
            throw new ImageException($"instruction counts: {missing} was not measured");
        return new InstructionCounts(Rows.Keys.ToDictionary(name => name, name => (long)Math.Round(found[name].Median)));
    }
}
