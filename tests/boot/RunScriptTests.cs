using System.Diagnostics;
using Microkernel.Image;

namespace Microkernel.Boot.Tests;

/// <summary>The script <c>./run</c> itself, as people and benchmarks call it.</summary>
public sealed class RunScriptTests
{
    [Fact]
    public async Task Arguments_pass_unharmed_and_the_log_is_named_on_stderr()
    {
        (int status, string output, string errors) = await Run("SYSTEM=linux", "EXEC=echo \"a  b\"\necho '$HOME' \"it's\"; exit 3");
        Assert.Equal((3, "a  b\n$HOME it's\n"), (status, output));
        string log = errors.Trim().Split("run: log ")[^1];
        Assert.True(File.Exists(log), errors);
    }

    [Fact]
    public async Task Output_into_a_file_is_followed_by_what_others_write_there()
    {
        string file = Path.GetTempFileName();
        try
        {
            string script = $"{{ echo before; {RepositoryLayout.Find().Root}/run SYSTEM=linux EXEC='echo here'; echo after; }} > {file} 2>/dev/null";
            using Process shell = Process.Start("/bin/sh", ["-c", script]);
            await shell.WaitForExitAsync();
            Assert.Equal("before\nhere\nafter\n", await File.ReadAllTextAsync(file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_wrong_variable_is_an_error_that_names_the_nearest_right_one()
    {
        (int status, _, string errors) = await Run("SYSTEM=linux", "EXCE=true");
        Assert.Equal(125, status);
        Assert.Contains("unknown variable EXCE (did you mean EXEC?)", errors);
    }

    private static async Task<(int Status, string Output, string Errors)> Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(RepositoryLayout.Find().Root, "run"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await errors);
    }
}
