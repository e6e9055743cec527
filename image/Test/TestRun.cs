using System.Diagnostics;

namespace Microkernel.Image.Test;

/// <summary>
/// Runs everything that <c>make test</c> promises: unit tests, models, boot tests. One part's failure does not stop the others. The cheap parts
/// come first, so that a mistake shows early.
/// </summary>
internal sealed class TestRun(RepositoryLayout repository)
{
    private TestTotals totals;

    /// <summary>Runs all parts and prints the closing line; 0 when nothing failed.</summary>
    public int Run()
    {
        string tests = Path.Combine(repository.Root, "tests");
        foreach (string project in Projects(Path.Combine(tests, "unit")))
            RunProject(project);
        string models = Path.Combine(tests, "models/run");
        if (File.Exists(models))
            RunScript(models);
        foreach (string project in Projects(Path.Combine(tests, "boot")))
            RunProject(project);

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
        int exitCode = Start("dotnet", arguments, _ => { });
        Add(name, TestReport.Read(report, exitCode));
    }

    // The script prints "N passed, N failed" as its last line; without that line it counts as one failed test.
    private void RunScript(string script)
    {
        Console.WriteLine("--- models");
        TestTotals? read = null;
        int exitCode = Start(script, [], line => read = TestTotals.TryParse(line, out TestTotals parsed) ? parsed : null);
        TestTotals found = read ?? new TestTotals(0, 1);
        Add("models", exitCode != 0 && found.Failed == 0 ? found with { Failed = 1 } : found);
    }

    private void Add(string name, TestTotals part)
    {
        // Not in the form of the closing line, which stands alone.
        Console.WriteLine($"--- {name}: {part.Passed} of {part.Passed + part.Failed}");
        totals += part;
    }

    private int Start(string program, IEnumerable<string> arguments, Action<string> read)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, WorkingDirectory = repository.Root };
        using Process process = Process.Start(start) ?? throw new ImageException($"{program} cannot be started");
        while (process.StandardOutput.ReadLine() is string line)
        {
            read(line);

            // The closing line of make test is the only one of its form.
            Console.WriteLine(TestTotals.TryParse(line, out _) ? "  " + line.Trim() : line);
        }

        process.WaitForExit();
        return process.ExitCode;
    }
}
