using System.Diagnostics;

namespace Microkernel.Image.Test;

/// <summary>
/// Runs everything that <c>make test</c> promises: unit tests, models, boot tests. One part's failure does not stop the others. The cheap parts
/// come first, so that a mistake shows early.
/// </summary>
internal sealed class TestRun(RepositoryLayout repository)
{
    private readonly List<string> failures = [];
    private TestTotals totals;

    /// <summary>Runs all parts and prints the closing line; 0 when nothing failed.</summary>
    public int Run()
    {
        string tests = Path.Combine(repository.Root, "tests");
        foreach (string project in Projects(Path.Combine(tests, "unit")))
            RunProject(project);
        foreach (string project in Projects(Path.Combine(tests, "models")))
            RunProject(project);
        foreach (string project in Projects(Path.Combine(tests, "boot")))
            RunProject(project);

        // Once more, where whoever has only the end of the output finds them.
        foreach (string failure in failures)
            Console.WriteLine($"--- failed: {failure}");
        Console.WriteLine(totals);
        return totals.Failed == 0 ? 0 : 1;
    }

    private static IEnumerable<string> Projects(string directory) =>
        Directory.EnumerateFiles(directory, "*.Tests.csproj", SearchOption.AllDirectories).Order(StringComparer.Ordinal);

    private void RunProject(string project)
    {
        string name = Path.GetFileNameWithoutExtension(project);
        string report = Path.Combine(repository.Build, "test-reports", name + ".trx");
        Directory.CreateDirectory(Path.GetDirectoryName(report)!);
        File.Delete(report);
        IReadOnlyList<string> leftOut = StageFilter.LeftOut(Path.GetDirectoryName(project)!);
        Console.WriteLine(leftOut.Count == 0 ? $"--- {name}" : $"--- {name} (not yet included: stage {string.Join(", ", leftOut)})");

        List<string> arguments =
        [
            "test", project, "--nologo", "-v", "q", "-nodeReuse:false", "--results-directory", Path.GetDirectoryName(report)!,
            "--logger", $"trx;LogFileName={Path.GetFileName(report)}", "--logger", "console;verbosity=minimal",
        ];
        if (leftOut.Count > 0)
            arguments.AddRange(["--filter", StageFilter.Expression(leftOut)]);
        int exitCode = Start("dotnet", arguments);
        Add(name, TestReport.Read(report, exitCode));
        failures.AddRange(TestReport.Failures(report));
    }

    private void Add(string name, TestTotals part)
    {
        // Not in the form of the closing line, which stands alone.
        Console.WriteLine($"--- {name}: {part.Passed} of {part.Passed + part.Failed}");
        totals += part;
    }

    private int Start(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, WorkingDirectory = repository.Root };
        using Process process = Process.Start(start) ?? throw new ImageException($"{program} cannot be started");
        while (process.StandardOutput.ReadLine() is string line)
        {
            // The closing line of make test is the only one of its form.
            Console.WriteLine(TestTotals.TryParse(line, out _) ? "  " + line.Trim() : line);
        }

        process.WaitForExit();
        return process.ExitCode;
    }
}
