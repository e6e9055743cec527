using System.Globalization;
using System.Text.Json;
using Microkernel.Image;
using Spectre.Console;

namespace Microkernel.Benchmark.Faults;

/// <summary><c>make fault-throughput</c>: what a program gets done on a disk while its driver is killed every so often, beside what it does without.</summary>
internal static class Throughput
{
    // Seconds between two kills.
    private const string Periods = "2,0.1";

    private static readonly (string Server, string Disk)[] Drivers = [("virtio-blk", "/dev/vda"), ("nvme", "/dev/nvme0n1")];

    // Starting and ending of the machine, and writes that wait for a busy host.
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(3);

    private static readonly JsonSerializerOptions Options = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Measures, prints a table and writes out/faults/throughput.json.</summary>
    /// <returns>0 if no program saw an error or a wrong byte.</returns>
    public static async Task<int> RunAsync(RepositoryLayout repository, double seconds, int rounds, int cpus, CancellationToken cancellation)
    {
        var rates = new List<RateLine>();
        foreach ((string server, string disk) in Drivers)
        {
            string[] lines = await FaultMachine.RunAsync(
                repository, string.Create(CultureInfo.InvariantCulture, $"python3 /faults/throughput.py {server} {disk} {seconds} {rounds} {Periods}"),
                cpus, Margin + TimeSpan.FromSeconds(seconds * rounds * (Periods.Split(',').Length + 1)) * 2, cancellation);
            rates.AddRange(lines.Select(RateLine.Parse).OfType<RateLine>());
        }

        string directory = Path.Combine(repository.Results, "faults");
        Directory.CreateDirectory(directory);
        await File.WriteAllTextAsync(Path.Combine(directory, "throughput.json"), JsonSerializer.Serialize(rates, Options), cancellation);
        AnsiConsole.Write(Table(rates));
        return rates.TrueForAll(static rate => rate is { Errors: 0, Different: 0 }) ? 0 : 1;
    }

    private static Table Table(List<RateLine> rates)
    {
        Table table = new Table().AddColumns("server", "a kill every", "kills", "transfers/s", "of that without", "errors", "different");
        foreach (IGrouping<string, RateLine> server in rates.GroupBy(static rate => rate.Server))
        {
            double without = Rate(server.Where(static rate => rate.Period == 0));
            foreach (IGrouping<double, RateLine> kind in server.GroupBy(static rate => rate.Period))
            {
                double rate = Rate(kind);
                table.AddRow(
                    server.Key, kind.Key == 0 ? "-" : Text($"{kind.Key} s"), Text($"{kind.Sum(static one => one.Kills)}"), Text($"{rate:0}"),
                    Text($"{rate / without:P0}"), Text($"{kind.Sum(static one => one.Errors)}"), Text($"{kind.Sum(static one => one.Different)}"));
            }
        }

        return table;
    }

    private static double Rate(IEnumerable<RateLine> lines) =>
        lines.Sum(static line => line.Transfers) / Math.Max(lines.Sum(static line => line.Microseconds) / 1e6, 1e-6);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>One measurement, as tests/bench/faults/throughput.py prints it.</summary>
    private sealed record RateLine(string Server, double Period, int Kills, long Transfers, long Microseconds, long Errors, long Different)
    {
        public static RateLine? Parse(string line)
        {
            string[] words = line.Split(' ');
            if (words is not ["rate", _, _, _, _, _, _, _])
                return null;
            long Number(int word) => long.Parse(words[word], CultureInfo.InvariantCulture);
            return new RateLine(
                words[1], double.Parse(words[2], CultureInfo.InvariantCulture), (int)Number(3), Number(4), Number(5), Number(6), Number(7));
        }
    }
}
