using System.Diagnostics;

namespace Libsys.CoreLib.Tests;

/// <summary>The core library for code without a runtime, exercised by a bare Linux program on the host (tests/programs/bare/CoreLibChecks).</summary>
public class CoreLibTests
{
    // FailFast codes are reported as this + code.
    private const int FailFastStatus = 200;

    [Fact]
    public void Every_check_of_the_program_holds()
    {
        (int status, string output) = Run(0);
        Assert.Equal("", string.Join('\n', output.Split('\n').Where(l => l.StartsWith("FAIL", StringComparison.Ordinal))));
        Assert.Equal(0, status);
        Assert.True(output.Split('\n').Length > 50, output);
    }

    [Theory]
    [InlineData(1, 1)] // array index
    [InlineData(2, 1)] // span range
    [InlineData(3, 3)] // checked conversion
    [InlineData(4, 3)] // checked addition
    [InlineData(5, 7)] // cast
    [InlineData(6, 20)] // throw
    [InlineData(7, 9)] // out of memory
    public void A_failed_check_ends_the_image_with_its_code(int way, int code) => Assert.Equal(FailFastStatus + code, Run(way).Status);

    private static (int Status, string Output) Run(int argumentCount)
    {
        string program = Path.Combine(Root(), ".build/programs/CoreLibChecks");
        Assert.True(File.Exists(program), $"{program} is missing: make build");
        using Process process = Process.Start(new ProcessStartInfo(program, Enumerable.Repeat("x", argumentCount)) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        if (!process.WaitForExit(TimeSpan.FromSeconds(20)))
            process.Kill();
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    private static string Root()
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Directory.Packages.props")))
            directory = directory.Parent;
        return directory?.FullName ?? throw new InvalidOperationException("not inside the repository");
    }
}
