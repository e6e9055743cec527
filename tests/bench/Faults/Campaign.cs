using System.Diagnostics;
using System.Globalization;
using Microkernel.Image;
using Spectre.Console;

namespace Microkernel.Benchmark.Faults;

/// <summary><c>make faults</c>: faults of drivers under programs that write, synchronise, read and compare. docs/fault-campaign.md.</summary>
internal static class Campaign
{
    /// <summary>Servers and how often they are chosen.</summary>
    public const string Servers = "virtio-blk,virtio-blk,virtio-blk,virtio-blk,nvme,nvme,nvme,nvme,pci,console";

    /// <summary>All kinds of faults.</summary>
    public const string Kinds = "crash,exit,kill,kill-twice,hang,deadlock,exhaust,garbage,drop,double,delay,corrupt,stray,stuck,accuse,wild,code";

    // One machine for so many: a seed that shows something is replayed in a minute or two.
    private const int OfOneBoot = 500;

    /// <summary>Disks of each kind, as they are, and others with a file system.</summary>
    public const string Disks = "/dev/vda,/dev/nvme0n1", FileSystems = "/dev/vdb,/dev/nvme1n1";

    private const int WidthOfTable = 220;

    // A fault takes a tenth of a second, or a second where heartbeats alone find it, and much more on a busy host.
    private static readonly TimeSpan LongestBoot = TimeSpan.FromMinutes(30);

    /// <summary>Runs it, and writes out/faults.</summary>
    /// <exception cref="ImageException">The system has failed.</exception>
    /// <returns>0 if all that showed was recovered from, and no program saw an error or a wrong byte.</returns>
    public static async Task<int> RunAsync(
        RepositoryLayout repository, int count, int seed, string servers, string kinds, int cpus, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var faults = new List<FaultLine>();
        var work = new List<WorkLine>();
        for (int done = 0; done < count; done += OfOneBoot, seed++)
        {
            int some = Math.Min(OfOneBoot, count - done);
            await BootAsync(repository, seed, some, servers, kinds, cpus, faults, work, cancellation);
            Console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"faults: {done + some} of {count}, seed {seed}, {clock.Elapsed:m\\:ss}"));
        }

        var report = new FaultReport(faults, work);
        string directory = Path.Combine(repository.Results, "faults");
        Directory.CreateDirectory(directory);
        await File.WriteAllTextAsync(Path.Combine(directory, "results.json"), report.ToJson(clock.Elapsed), cancellation);
        await File.WriteAllTextAsync(Path.Combine(directory, "index.html"), FaultPage.Format(report, clock.Elapsed), cancellation);
        // A file has room for the whole width of the table.
        if (Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = WidthOfTable;
        AnsiConsole.Write(report.Table());
        Console.WriteLine($"{report.Verdict}; {clock.Elapsed:m\\:ss} minutes; {directory}/index.html");
        return report.IsClean ? 0 : 1;
    }

    private static async Task BootAsync(
        RepositoryLayout repository, int seed, int count, string servers, string kinds, int cpus, List<FaultLine> faults, List<WorkLine> work,
        CancellationToken cancellation)
    {
        string[] lines = await FaultMachine.RunAsync(
            repository,
            string.Create(CultureInfo.InvariantCulture, $"python3 /faults/campaign.py {seed} {count} {servers} {kinds} {Disks} {FileSystems}"),
            cpus, LongestBoot, cancellation);
        FaultLine[] found = [.. lines.Select(FaultLine.Parse).OfType<FaultLine>()];
        if (found.Length != count)
            throw new ImageException($"seed {seed}: {found.Length} faults instead of {count}\n{string.Join('\n', lines)}");
        foreach (string other in lines.Where(static line => FaultLine.Parse(line) == null && WorkLine.Parse(line) == null))
            Console.Error.WriteLine($"faults: seed {seed}: {other}");
        faults.AddRange(found);
        work.AddRange(lines.Select(WorkLine.Parse).OfType<WorkLine>());
    }
}
