using System.Diagnostics;
using Microkernel.Image;

namespace Microkernel.Boot.Tests;

/// <summary>Runs whose input has ended while a program goes on: they end too, as soon as the machine does nothing, or after TIMEOUT.</summary>
public sealed class InputEndTests
{
    // The bound of an idle machine is 60 s; a busy host starts it late.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(180);

    [Fact]
    public async Task A_program_that_ignores_the_end_of_input_does_not_keep_the_machine_for_ever()
    {
        (int status, string errors) = await Run("echo 'o''n'; while :; do cat >/dev/null; done\n");
        Assert.True(status == 124 && errors.Contains("the input has ended, and the machine has done nothing for 60 s", StringComparison.Ordinal), errors);
    }

    [Theory]
    [InlineData("stty raw -echo; while :; do dd bs=1 count=1 2>/dev/null; done\n")] // each ^D is a character to it
    [InlineData("while :; do :; done\n")] // it works, and reads nothing
    public async Task TIMEOUT_bounds_what_the_machine_cannot_know(string input)
    {
        (int status, string errors) = await Run(input, "TIMEOUT=12");
        Assert.True(status == 124 && errors.Contains("TIMEOUT=12 has passed", StringComparison.Ordinal), errors);
    }

    [Fact]
    public async Task A_terminal_needs_no_timeout()
    {
        // script gives ./run a terminal.
        using Process script = Process.Start(new ProcessStartInfo("script", ["-qec", $"{RepositoryLayout.Find().Root}/run TIMEOUT=1", "/dev/null"])
        {
            RedirectStandardOutput = true, RedirectStandardInput = true,
        })!;
        string output = await script.StandardOutput.ReadToEndAsync();
        await script.WaitForExitAsync();
        Assert.True(script.ExitCode == 2 && output.Contains("TIMEOUT needs EXEC, or input that is no terminal", StringComparison.Ordinal), output);
    }

    private static async Task<(int Status, string Errors)> Run(string input, params string[] variables)
    {
        using Process process = Process.Start(new ProcessStartInfo(Path.Combine(RepositoryLayout.Find().Root, "run"), variables)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        using var bound = new CancellationTokenSource(Longest);
        try
        {
            await process.WaitForExitAsync(bound.Token);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }

        return (process.ExitCode, $"status {process.ExitCode}\n{await output}\n{await errors}");
    }
}
