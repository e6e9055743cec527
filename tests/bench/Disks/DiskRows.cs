using System.Diagnostics;
using System.Text;
using Microkernel.Image;
using Microkernel.Image.Bench;
using Microkernel.Image.Run;
using Spectre.Console;

namespace Microkernel.Benchmark.Disks;

/// <summary>
/// The rows of disks of <c>make bench</c>: programs of Debian (tests/bench/disks, a script each) on a new ext4 on a disk of virtio, here and on Linux.
/// </summary>
internal static class DiskRows
{
    // Debian with fio and a compiler; Linux unpacks it into memory, in three times its size.
    private const string RootName = "storage";
    private const long Memory = 4L << 30;

    // Room for what the largest row writes, twice; a hole where nothing is written.
    private const long DiskLength = 768 << 20;

    // All take two or three minutes on an idle host; this is for a row that hangs.
    private static readonly TimeSpan LongestBoot = TimeSpan.FromMinutes(20);

    // In the host's memory, if it has such a place: there a flush costs the way to the disk and back, and no medium that others use too.
    private const string MemoryDirectory = "/dev/shm";

    // `all` runs each row by `row`.
    private static readonly string[] Drivers = ["all", "row"];

    /// <summary>Runs these rows on both systems in turns.</summary>
    /// <param name="repository">Where the scripts are.</param>
    /// <param name="rows">Names of rows.</param>
    /// <param name="boots">Boots of each system.</param>
    /// <param name="cpus">CPUs of the machine.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ImageException">A system has failed.</exception>
    public static async Task<IReadOnlyList<DiskResult>> RunAsync(
        RepositoryLayout repository, IReadOnlyList<string> rows, int boots, int cpus, CancellationToken cancellation)
    {
        var answers = new List<(TargetSystem System, JobAnswer Answer)>();
        DirectoryInfo overlay = MakeOverlay(repository, rows);
        try
        {
            for (int boot = 0; boot < boots; boot++)
            {
                TargetSystem[] both = [TargetSystem.Microkernel, TargetSystem.Linux];
                foreach (TargetSystem system in boot % 2 == 0 ? both : both.Reverse())
                {
                    var clock = Stopwatch.StartNew();
                    foreach (JobAnswer answer in await BootAsync(repository, system, overlay.FullName, cpus, cancellation))
                        answers.Add((system, answer));
                    Console.Error.WriteLine($"disks: {system}, boot {boot + 1} of {boots}: {clock.Elapsed:m\\:ss}");
                }
            }
        }
        finally
        {
            overlay.Delete(recursive: true);
        }

        return [.. answers.GroupBy(answer => answer.Answer.Name).Select(row => DiskResult.Of(row.Key, [.. row]))];
    }

    private static async Task<IReadOnlyList<JobAnswer>> BootAsync(
        RepositoryLayout repository, TargetSystem system, string overlay, int cpus, CancellationToken cancellation)
    {
        string place = Directory.Exists(MemoryDirectory) ? MemoryDirectory : Path.GetTempPath();
        string disk = Path.Combine(place, $"{Path.GetFileName(overlay)}.disk");
        try
        {
            await using (FileStream file = File.Create(disk))
                file.SetLength(DiskLength);
            using var output = new MemoryStream();
            var request = new RunRequest
            {
                System = system,
                Command = Encoding.UTF8.GetBytes("exec bash /disks/all"),
                Root = RootName,
                Overlay = overlay,
                Disks = [new DiskFile(disk, IsReadOnly: false)],
                Cpus = cpus,
                Memory = Memory,
                LinuxParameters = BenchBoot.LinuxParameters,
                Timeout = LongestBoot,
            };
            RunResult result = await CommandRun.RunAsync(repository, request, output, line => Console.Error.WriteLine(line), cancellation);
            string text = Encoding.UTF8.GetString(output.ToArray());
            if (result.Failure is not null || result.ExitStatus != 0)
                throw new ImageException($"{system}: status {result.ExitStatus}; {result.Failure} (log: {result.LogPath})\n{text}");
            return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(JobAnswer.Parse).OfType<JobAnswer>()];
        }
        finally
        {
            File.Delete(disk);
        }
    }

    private static DirectoryInfo MakeOverlay(RepositoryLayout repository, IReadOnlyList<string> rows)
    {
        DirectoryInfo overlay = Directory.CreateTempSubdirectory("disks-");
        DirectoryInfo scripts = overlay.CreateSubdirectory("disks");
        foreach (string name in Drivers.Concat(rows.Select(row => $"{row}.sh")))
            File.Copy(Path.Combine(DiskRowNames.Source(repository), name), Path.Combine(scripts.FullName, name));
        return overlay;
    }

    /// <summary>For the terminal.</summary>
    public static Table Table(IReadOnlyList<DiskResult> results)
    {
        var table = new Table().AddColumns([.. DiskTable.Columns.Select(Markup.Escape)]);
        foreach (string[] cells in DiskTable.Cells(results))
            table.AddRow([.. cells.Select(Markup.Escape)]);
        return table;
    }
}
