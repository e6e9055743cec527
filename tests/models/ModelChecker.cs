using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Microkernel.Models.Tests;

/// <summary>What spin's verifier said about a model.</summary>
/// <param name="Errors">Counterexamples found; the search stops at the first.</param>
/// <param name="IsComplete">The whole state space was visited: no bound was reached.</param>
/// <param name="Unreached">Statements that no run executes, apart from the ends of processes that run for ever.</param>
/// <param name="Output">All that the verifier printed.</param>
internal sealed record Verdict(int Errors, bool IsComplete, IReadOnlyList<string> Unreached, string Output);

/// <summary>Runs spin on one of the models beside this file: generate the verifier, compile it, search for a counterexample.</summary>
internal static partial class ModelChecker
{
    /// <summary>Memory of one search in MiB. The largest true model takes about 1,080.</summary>
    private const int MemoryLimit = 1400;

    /// <summary>Longest run of a tool. The largest search takes some seconds; a machine under load may need several times that.</summary>
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(120);

    /// <summary>Folder with the models, as copied next to the tests.</summary>
    public static string Folder => AppContext.BaseDirectory;

    /// <summary>Names that a model can be built with in order to break it: every name that it tests in a condition and does not define itself.</summary>
    public static IReadOnlyList<string> MutantsOf(string model)
    {
        var text = File.ReadAllText(Path.Combine(Folder, model));
        var defined = DefinitionPattern().Matches(text).Select(match => match.Groups[1].Value);
        return ConditionPattern().Matches(text).Select(match => match.Groups[1].Value).Distinct().Except(defined).ToList();
    }

    /// <summary>Searches all runs of <paramref name="model"/> for a failed assertion, or a run on which its LTL claim does not hold.</summary>
    /// <param name="model">File name.</param>
    /// <param name="isMutant">A counterexample is expected soon.</param>
    /// <param name="defines">Names (or NAME=value) that the model is built with.</param>
    public static Verdict Check(string model, bool isMutant, params string[] defines)
    {
        var directory = Directory.CreateTempSubdirectory("model-").FullName;
        try
        {
            foreach (var file in Directory.EnumerateFiles(Folder, "*.pml"))
                File.Copy(file, Path.Combine(directory, Path.GetFileName(file)));
            Run(directory, "spin", [.. defines.Select(define => "-D" + define), "-a", model]);
            // A mutant is found after a few thousand states, so compiling takes nearly all of its time. NOFAIR leaves out what is not asked for below.
            Run(directory, "gcc", [isMutant ? "-O0" : "-O2", "-w", "-DNOFAIR", $"-DMEMLIM={MemoryLimit}", "-o", "pan", "pan.c"]);
            // -a: look for runs that violate the claim, without any fairness assumption; assertions are checked too.
            return Read(Run(directory, Path.Combine(directory, "pan"), ["-a", "-m100000", "-w18"]));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static Verdict Read(string output)
    {
        var errors = ErrorPattern().Match(output);
        if (!errors.Success)
            throw new InvalidOperationException("The verifier ended without a verdict:\n" + output);
        var isComplete = !output.Contains("Search not completed") && !output.Contains("too small") && !output.Contains("out of memory");
        var unreached = UnreachedPattern().Matches(output).Select(match => match.Value.Trim()).Where(line => !line.Contains("-end-")).ToList();
        return new Verdict(int.Parse(errors.Groups[1].Value), isComplete, unreached, output);
    }

    private static string Run(string directory, string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            throw new InvalidOperationException($"{program} is missing; 'make setup' installs it (Debian packages spin and gcc).");
        }
        using (process)
        {
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEndAsync();
            if (!process.WaitForExit(TimeLimit))
            {
                process.Kill();
                throw new TimeoutException($"{program} took longer than {TimeLimit.TotalSeconds} s.");
            }
            var text = output.Result + errors.Result;
            return process.ExitCode == 0 ? text : throw new InvalidOperationException($"{program} ended with {process.ExitCode}:\n{text}");
        }
    }

    [GeneratedRegex(@"^#define\s+(\w+)", RegexOptions.Multiline)]
    private static partial Regex DefinitionPattern();

    [GeneratedRegex(@"^#(?:ifn?def\s+|(?:el)?if defined\()(\w+)", RegexOptions.Multiline)]
    private static partial Regex ConditionPattern();

    [GeneratedRegex(@"errors: (\d+)")]
    private static partial Regex ErrorPattern();

    [GeneratedRegex(@"^\s+\S+\.pml:\d+, state \d+, .*$", RegexOptions.Multiline)]
    private static partial Regex UnreachedPattern();
}
