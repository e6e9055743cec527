using System.Diagnostics;
using System.Text;
using Microkernel.Image;
using Microkernel.Image.Run;
using Spectre.Console;

namespace Microkernel.Benchmark;

/// <summary><c>make jobs</c>: whole programs of Debian (tests/bench/jobs, a script each) on this system and on Linux.</summary>
internal static class Jobs
{
    // Debian with a compiler; Linux unpacks it into memory, in three times its size.
    private const string RootName = "jobs";
    private const long Memory = 6L << 30;

    // All take a minute on an idle host; this is for a job that hangs.
    private static readonly TimeSpan LongestBoot = TimeSpan.FromMinutes(20);

    // Runs the others: docs/performance.md.
    private const string All = "all";

    /// <summary>Runs those that have one of the parts in their name, on both systems in turns.</summary>
    /// <exception cref="ImageException">A system has failed.</exception>
    /// <returns>0 if the systems agree and this one took no longer in all.</returns>
    public static async Task<int> RunAsync(RepositoryLayout repository, IReadOnlyList<string> patterns, int boots, int cpus, CancellationToken cancellation)
    {
        DirectoryInfo overlay = MakeOverlay(repository, patterns);
        try
        {
            var answers = new List<(TargetSystem System, JobAnswer Answer)>();
            for (int boot = 0; boot < boots; boot++)
            {
                TargetSystem[] both = [TargetSystem.Microkernel, TargetSystem.Linux];
                foreach (TargetSystem system in boot % 2 == 0 ? both : both.Reverse())
                {
                    var clock = Stopwatch.StartNew();
                    foreach (JobAnswer answer in await BootAsync(repository, system, overlay.FullName, cpus, cancellation))
                        answers.Add((system, answer));
                    Console.Error.WriteLine($"jobs: {system}, boot {boot + 1} of {boots}: {clock.Elapsed:m\\:ss}");
                }
            }

            return Show(answers);
        }
        finally
        {
            overlay.Delete(recursive: true);
        }
    }

    private static async Task<IReadOnlyList<JobAnswer>> BootAsync(
        RepositoryLayout repository, TargetSystem system, string overlay, int cpus, CancellationToken cancellation)
    {
        using var output = new MemoryStream();
        var request = new RunRequest
        {
            System = system,
            Command = Encoding.UTF8.GetBytes($"exec bash /jobs/{All}"),
            Root = RootName,
            Overlay = overlay,
            Cpus = cpus,
            Memory = Memory,
            Timeout = LongestBoot,
        };
        RunResult result = await CommandRun.RunAsync(repository, request, output, line => Console.Error.WriteLine(line), cancellation);
        string text = Encoding.UTF8.GetString(output.ToArray());
        if (result.Failure is not null || result.ExitStatus != 0)
            throw new ImageException($"{system}: status {result.ExitStatus}; {result.Failure} (log: {result.LogPath})\n{text}");
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(JobAnswer.Parse).OfType<JobAnswer>()];
    }

    private static int Show(IReadOnlyList<(TargetSystem System, JobAnswer Answer)> answers)
    {
        var table = new Table().AddColumns("job", "s", "Linux", "ratio", "answers");
        double here = 0, linux = 0;
        bool agree = true;
        foreach (IGrouping<string, (TargetSystem System, JobAnswer Answer)> job in answers.GroupBy(answer => answer.Answer.Name))
        {
            double own = Middle(job, TargetSystem.Microkernel), other = Middle(job, TargetSystem.Linux);
            string[] different = [.. job.Select(answer => answer.Answer.Answer).Distinct()];
            bool isRight = different.Length == 1 && different[0].StartsWith("0:", StringComparison.Ordinal);
            agree &= isRight;
            here += own;
            linux += other;
            table.AddRow(job.Key, $"{own:0.00}", $"{other:0.00}", $"{own / other:0.00}", isRight ? "same" : "DIFFERENT");
        }

        table.AddRow("all", $"{here:0.0}", $"{linux:0.0}", $"{here / linux:0.00}", agree ? "same" : "DIFFERENT");
        AnsiConsole.Write(table);
        return agree && here <= linux ? 0 : 1;
    }

    private static double Middle(IEnumerable<(TargetSystem System, JobAnswer Answer)> job, TargetSystem system)
    {
        double[] sorted = [.. job.Where(answer => answer.System == system).Select(answer => answer.Answer.Seconds).Order()];
        return sorted.Length == 0 ? double.NaN : sorted[sorted.Length / 2];
    }

    private static DirectoryInfo MakeOverlay(RepositoryLayout repository, IReadOnlyList<string> patterns)
    {
        DirectoryInfo overlay = Directory.CreateTempSubdirectory("jobs-");
        DirectoryInfo jobs = overlay.CreateSubdirectory("jobs");
        string source = Path.Combine(repository.Root, "tests/bench/jobs");
        foreach (string script in Directory.GetFiles(source, "*.sh"))
        {
            string name = Path.GetFileName(script);
            if (patterns.Count == 0 || patterns.Any(pattern => name.Contains(pattern, StringComparison.Ordinal)))
                File.Copy(script, Path.Combine(jobs.FullName, name));
        }

        if (jobs.GetFiles().Length == 0)
            throw new ImageException($"no job has one of these in its name: {string.Join(", ", patterns)}");
        File.Copy(Path.Combine(source, All), Path.Combine(jobs.FullName, All));
        return overlay;
    }
}
