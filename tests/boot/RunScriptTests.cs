using System.Diagnostics;
using Microkernel.Image;
using Microkernel.Image.Run;

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

    [Theory]
    [InlineData("", 0, "")]
    [InlineData("echo 'h''i'\n", 0, "hi")]
    [InlineData("seq 1 20000\n", 0, "\n20000")] // more than is on its way at once, and the session ends behind it
    [InlineData("tr a-z A-Z\nupper\n", 0, "UPPER")] // the first end of the input is tr's, the next the shell's
    [InlineData("echo 'h''i'; (exit 3)", 3, "hi")]
    public async Task A_shell_ends_with_its_input_and_gives_its_status(string input, int expected, string line)
    {
        var start = new ProcessStartInfo(Path.Combine(RepositoryLayout.Find().Root, "run"))
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        using var bound = new CancellationTokenSource(Boot.DefaultTimeout);
        try
        {
            await process.WaitForExitAsync(bound.Token);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }

        Assert.True(expected == process.ExitCode && (await output).Contains(line + "\r\n", StringComparison.Ordinal),
            $"status {process.ExitCode}\n{await output}\n{await errors}");
    }

    [Theory]
    [InlineData("unknown variable EXCE (did you mean EXEC?)", "EXCE=true")]
    [InlineData("unknown variable CPU (did you mean CPUS?)", "CPU=3")]
    [InlineData("expected VAR=value, found EXEC", "EXEC")]
    [InlineData("SYSTEM=linus: unknown system (did you mean linux?)", "SYSTEM=linus")]
    [InlineData("CONFIG=defualt: unknown configuration (did you mean default?)", "CONFIG=defualt")]
    [InlineData("CPUS=0: expected a number from 1 to 32", "CPUS=0")]
    [InlineData("CPUS=33: expected a number from 1 to 32", "CPUS=33")]
    [InlineData("MEM=1M: expected a size of at least 64M", "MEM=1M")]
    [InlineData("TIMEOUT=-1: expected seconds", "TIMEOUT=-1")]
    [InlineData("ICOUNT=yes: expected 1 or 0", "ICOUNT=yes")]
    [InlineData("OVERLAY=/no/such is neither a directory nor a tar file", "OVERLAY=/no/such")]
    [InlineData("EXEC is given twice", "EXEC=a", "EXEC=b")]
    [InlineData("ICOUNT=1 contradicts CPUS=2", "ICOUNT=1", "CPUS=2")]
    public async Task A_wrong_variable_is_an_error_that_names_the_nearest_right_one_before_anything_is_built(string message, params string[] arguments)
    {
        string tree = UnbuiltTree();
        try
        {
            var clock = Stopwatch.StartNew();
            (int status, string output, string errors) = await RunIn(tree, arguments);
            clock.Stop();
            Assert.Equal((2, ""), (status, output));
            Assert.StartsWith("run: " + message, errors);
            Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(1));
            Assert.False(Directory.Exists(Path.Combine(tree, ".build")));
        }
        finally
        {
            Directory.Delete(tree, recursive: true);
        }
    }

    [Fact]
    public async Task The_help_explains_every_variable()
    {
        (int status, string output, _) = await Run("--help");
        Assert.Equal(0, status);
        foreach (string name in RunVariables.Names)
            Assert.Matches($"(?m)^  {name}=[^ ]+ +[^ ]", output);
        Assert.Equal(RunVariables.Names.Count, output.Split("default: ").Length - 1);
    }

    // What the script needs to check its arguments; make would fail here for want of a Makefile.
    private static string UnbuiltTree()
    {
        string root = RepositoryLayout.Find().Root;
        string tree = Directory.CreateTempSubdirectory("tree-").FullName;
        foreach (string file in new[] { "run", "build/variables.awk", "image/Run/variables.txt", "image/configs/default.conf" })
        {
            string copy = Path.Combine(tree, file);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(Path.Combine(root, file), copy);
        }

        return tree;
    }

    private static Task<(int Status, string Output, string Errors)> Run(params string[] arguments) => RunIn(RepositoryLayout.Find().Root, arguments);

    private static async Task<(int Status, string Output, string Errors)> RunIn(string root, string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(root, "run"), arguments)
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
