using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microkernel.Image;
using Microkernel.Image.Run;
using Spectre.Console;

namespace Microkernel.Benchmark.Faults;

/// <summary><c>make faults</c>: faults of drivers under programs that write, synchronise, read and compare. docs/fault-campaign.md.</summary>
internal static class Campaign
{
    /// <summary>Servers and how often they are chosen.</summary>
    public const string Servers = "virtio-blk,virtio-blk,virtio-blk,virtio-blk,nvme,nvme,nvme,nvme,pci,console";

    /// <summary>All kinds of faults.</summary>
    public const string Kinds = "crash,exit,kill,kill-twice,hang,deadlock,exhaust,garbage,drop,double,delay,corrupt,wild,code";

    private const string RootName = "faults";

    // One machine for so many: a seed that shows something is replayed in a minute or two.
    private const int OfOneBoot = 500;

    /// <summary>Disks of each kind, as they are, and others with a file system.</summary>
    public const string Disks = "/dev/vda,/dev/nvme0n1", FileSystems = "/dev/vdb,/dev/nvme1n1";

    private const long DiskLength = 64 << 20;

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
        DirectoryInfo overlay = Directory.CreateTempSubdirectory("faults-");
        DiskFile[] disks =
        [
            .. Enumerable.Range(0, 4).Select(number => new DiskFile(
                Path.Combine(Path.GetTempPath(), $"{overlay.Name}.{number}"), IsReadOnly: false, IsNvme: number >= 2)),
        ];
        try
        {
            DirectoryInfo programs = overlay.CreateSubdirectory("faults");
            foreach (string program in Directory.GetFiles(Path.Combine(repository.Root, "tests/bench/faults"), "*.py"))
                File.Copy(program, Path.Combine(programs.FullName, Path.GetFileName(program)));
            foreach (DiskFile disk in disks)
            {
                await using FileStream file = File.Create(disk.Path);
                file.SetLength(DiskLength);
            }

            using var output = new MemoryStream();
            string command = string.Create(
                CultureInfo.InvariantCulture,
                $"mount -t devtmpfs none /dev; exec python3 /faults/campaign.py {seed} {count} {servers} {kinds} {Disks} {FileSystems}");
            RunResult result = await CommandRun.RunAsync(
                repository,
                new RunRequest
                {
                    Command = Encoding.UTF8.GetBytes(command), Root = RootName, Overlay = overlay.FullName, Cpus = cpus, Timeout = LongestBoot,
                    Disks = disks,
                },
                output, _ => { }, cancellation);
            string text = Encoding.UTF8.GetString(output.ToArray());
            string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            FaultLine[] found = [.. lines.Select(FaultLine.Parse).OfType<FaultLine>()];
            if (result.Failure is not null || result.ExitStatus != 0 || found.Length != count)
                throw new ImageException($"seed {seed}: status {result.ExitStatus}; {result.Failure} (log: {result.LogPath})\n{text}");
            foreach (string other in lines.Where(static line => FaultLine.Parse(line) == null && WorkLine.Parse(line) == null))
                Console.Error.WriteLine($"faults: seed {seed}: {other}");
            faults.AddRange(found);
            work.AddRange(lines.Select(WorkLine.Parse).OfType<WorkLine>());
        }
        finally
        {
            overlay.Delete(recursive: true);
            foreach (DiskFile disk in disks)
                File.Delete(disk.Path);
        }
    }
}
