using System.Globalization;
using System.Text;
using Microkernel.Image.Run;

namespace Microkernel.Image.Bench;

/// <summary>Boots a system for the measuring program (libsys/bench) and reads what it measured.</summary>
public sealed record BenchBoot
{
    // The whole takes 10 to 20 s; this one is for a program that hangs.
    private static readonly TimeSpan LongestBoot = TimeSpan.FromMinutes(4);

    /// <summary>
    /// As fast as Linux goes: without modules that check each access, and with the counter of the processor as its clock, whatever its watchdog thinks of
    /// a busy host (it would take a timer outside of the processor instead, and each look at the clock is then a call). docs/performance.md has the numbers.
    /// It says what it does while it boots, so that one that a busy host starves is not taken for one that has stopped.
    /// </summary>
    public const string LinuxParameters = "lsm=none audit=0 tsc=reliable loglevel=7";

    // The measuring program, and what it executes where a program is to end at once.
    private static readonly string[] Programs = ["Bench", "CallCosts"];

    /// <summary>The system.</summary>
    public required TargetSystem System { get; init; }

    /// <summary>CPUs of the machine.</summary>
    public int Cpus { get; init; } = 1;

    /// <summary>Instructions are measured and not times.</summary>
    public bool CountsInstructions { get; init; }

    /// <summary>On the kernel that counts what it does: lines have the counts of <see cref="BenchCounts"/>.</summary>
    public bool CountsMessages { get; init; }

    /// <summary>One batch between two marks, see <see cref="Profile.ProfileBoot"/>; <see cref="Monitor"/> hears when it is about to begin.</summary>
    internal bool IsProfile { get; init; }

    /// <summary>Unix socket of QEMU's monitor, or null.</summary>
    internal string? Monitor { get; init; }

    /// <summary>Called when the batch of a profile is about to begin.</summary>
    internal Action Ready { get; init; } = () => { };

    /// <summary>Length of a batch in nanoseconds, or instructions.</summary>
    public long BatchLength { get; init; } = 10_000_000;

    /// <summary>Batches of each row.</summary>
    public int Batches { get; init; } = 5;

    /// <summary>Parts of names of rows, or whole names behind a `=`; empty: all.</summary>
    public IReadOnlyList<string> Rows { get; init; } = [];

    /// <summary>Boots, and hands over each line as it comes.</summary>
    /// <exception cref="ImageException">The system or the program failed.</exception>
    public async Task<IReadOnlyList<BenchLine>> RunAsync(RepositoryLayout repository, Action<BenchLine> measured, CancellationToken cancellation)
    {
        var lines = new List<BenchLine>();
        using var output = new LineStream(text =>
        {
            if (IsProfile && text.StartsWith("ready\t", StringComparison.Ordinal))
            {
                Ready();
                return;
            }

            BenchLine line = BenchLine.Parse(text);
            lines.Add(line);
            measured(line);
        });
        DirectoryInfo overlay = MakeOverlay(repository);
        try
        {
            RunResult result = await CommandRun.RunAsync(repository, Request(repository, overlay.FullName), output, _ => { }, cancellation);
            if (result.Failure is not null || result.ExitStatus != 0)
            {
                string last = lines.Count == 0 ? "before the first row" : $"after {lines[^1].Row}";
                throw new ImageException($"{System}: status {result.ExitStatus} {last}; {result.Failure} (log: {result.LogPath})");
            }
        }
        finally
        {
            overlay.Delete(recursive: true);
        }

        return lines;
    }

    private RunRequest Request(RepositoryLayout repository, string overlay)
    {
        string rows = string.Concat(Rows.Select(row => $" '{row}'"));
        string mode = IsProfile ? "profile" : CountsMessages ? "counting" : "-";
        return new RunRequest
        {
            System = System,
            // Linux needs its loopback interface for the row of TCP.
            Command = Encoding.UTF8.GetBytes(string.Create(
                CultureInfo.InvariantCulture, $"ifconfig lo 127.0.0.1 up 2>/dev/null; exec /Bench {BatchLength} {Batches} {mode}{rows}")),
            Overlay = overlay,
            Cpus = Cpus,
            CountsInstructions = CountsInstructions,
            Kernel = CountsMessages ? repository.CountingKernel : null,
            LinuxParameters = LinuxParameters,
            Monitor = Monitor,
            Timeout = LongestBoot,
        };
    }

    private static DirectoryInfo MakeOverlay(RepositoryLayout repository)
    {
        DirectoryInfo overlay = Directory.CreateTempSubdirectory("bench-");
        foreach (string program in Programs)
        {
            string built = Path.Combine(repository.Programs, program);
            if (!File.Exists(built))
                throw new ImageException($"{built} is missing: it is not built (make build)");
            File.Copy(built, Path.Combine(overlay.FullName, program));
        }

        return overlay;
    }
}
