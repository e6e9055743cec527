using System.Diagnostics;
using System.Globalization;
using Microkernel.Image;

namespace Microkernel.Boot.Tests;

/// <summary>A run that is ended from outside, or whose reader goes: the status says so, and QEMU does not outlive it.</summary>
public sealed class RunEndTests
{
    // Beyond what a boot takes on a busy host.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    [InlineData("HUP")]
    public async Task An_interrupted_run_ends_with_130(string signal)
    {
        using Process run = Start("echo up; sleep 1000");
        Assert.Equal("up", await run.StandardOutput.ReadLineAsync());
        using (Process kill = Process.Start("kill", ["-" + signal, run.Id.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync();
        await EndsWith(run, 130);
    }

    [Fact]
    public async Task A_run_whose_reader_has_gone_ends_with_141()
    {
        using Process run = Start("yes");
        Assert.Equal("y", await run.StandardOutput.ReadLineAsync());
        run.StandardOutput.Close();
        await EndsWith(run, 141);
    }

    [Fact]
    public async Task Qemu_does_not_outlive_a_tool_that_is_killed()
    {
        using Process run = Start("echo up; sleep 1000");
        Assert.Equal("up", await run.StandardOutput.ReadLineAsync());
        run.Kill();
        await EndsWith(run, 128 + 9);
    }

    // Who is started in the background by a script without job control has SIGINT ignored, and so have its children.
    private static Process Start(string command) =>
        Process.Start(new ProcessStartInfo("env", ["--default-signal=INT", Path.Combine(RepositoryLayout.Find().Root, "run"), "EXEC=" + command])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;

    private static async Task EndsWith(Process run, int status)
    {
        Task<string> errors = run.StandardError.ReadToEndAsync();
        using var timeout = new CancellationTokenSource(Patience);
        await run.WaitForExitAsync(timeout.Token);
        Assert.True(run.ExitCode == status, $"status {run.ExitCode}\n{await errors}");

        // The death signal comes when the tool's process is gone, which may be a moment later.
        string directory = Path.GetDirectoryName((await errors).Split("run: log ")[^1].Split('\n')[0])!;
        Assert.True(Directory.Exists(directory), await errors);
        while (CommandLines().Any(line => line.Contains(directory, StringComparison.Ordinal)))
            await Task.Delay(TimeSpan.FromMilliseconds(100), timeout.Token);
    }

    private static IEnumerable<string> CommandLines()
    {
        foreach (string process in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
        {
            string line;
            try
            {
                line = File.ReadAllText(Path.Combine(process, "cmdline"));
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                continue;
            }

            yield return line;
        }
    }
}
