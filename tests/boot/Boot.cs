using System.Text;
using Microkernel.Image;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests;

/// <summary>What a booted system answered.</summary>
/// <param name="Output">Standard output and error of the command, byte for byte.</param>
/// <param name="ExitStatus">The command's status, or 124 and 125 as docs/running.md says.</param>
/// <param name="LogPath">The system's log.</param>
/// <param name="Failure">Why there is no status of the command, or null.</param>
public sealed record BootAnswer(byte[] Output, int ExitStatus, string LogPath, string? Failure)
{
    // What a message of a failed test can show and still be read.
    private const int LongestShown = 4000;
    private const int LogLinesShown = 30;

    /// <summary>The output as text.</summary>
    public string Text => Encoding.UTF8.GetString(Output);

    /// <summary>All that helps to understand a failed test.</summary>
    public string Describe(string system)
    {
        string text = Text.Length <= LongestShown ? Text : $"{Text[..LongestShown]}... ({Output.Length} bytes)";
        string log = Failure is null ? "" : $"\n--- log\n{string.Join('\n', LogTail.Read(LogPath, LogLinesShown))}";
        return $"=== {system}: status {ExitStatus}{(Failure is null ? "" : ", " + Failure)}\n{text}{log}\nlog: {LogPath}\n";
    }
}

/// <summary>Boots a system for one command, by the same code as <c>./run</c>.</summary>
public static class Boot
{
    /// <summary>Far beyond what any test needs on an idle host; only a hang reaches it.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(5);

    /// <summary>Runs a command.</summary>
    public static Task<BootAnswer> Run(string exec, TargetSystem system, int cpus = 2, string? overlay = null, TimeSpan? timeout = null) =>
        Run(new RunRequest
        {
            Command = Encoding.UTF8.GetBytes(exec),
            System = system,
            Cpus = cpus,
            Overlay = overlay,
            Timeout = timeout ?? DefaultTimeout,
        });

    /// <summary>Runs a request.</summary>
    public static async Task<BootAnswer> Run(RunRequest request)
    {
        using var output = new MemoryStream();
        RunResult result = await CommandRun.RunAsync(RepositoryLayout.Find(), request, output, _ => { }, CancellationToken.None);
        return new BootAnswer(output.ToArray(), result.ExitStatus, result.LogPath, result.Failure);
    }
}
