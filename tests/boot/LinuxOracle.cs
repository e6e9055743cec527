using System.Collections.Concurrent;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests;

/// <summary>Debian's Linux in the same QEMU, with the same root file system, as the judge of what is right.</summary>
public static class LinuxOracle
{
    // One answer serves the tests with 1, 2 and 4 CPUs; commands that print the number of CPUs pass it.
    private const int LinuxCpus = 2;

    // On a busy host Linux sometimes stands still before its first line. It is not what is tested here, so it may try again.
    private const int LinuxBoots = 3;

    private static readonly ConcurrentDictionary<(string Exec, string? Overlay, int Cpus), Lazy<Task<BootAnswer>>> Answers = new();

    /// <summary>Asserts that the microkernel answers as Linux does: the same bytes, the same status.</summary>
    /// <param name="exec">Text for /bin/sh -c. Its output must not depend on time or on which other processes exist.</param>
    /// <param name="cpus">CPUs of the microkernel.</param>
    /// <param name="overlay">Directory whose files are added to the root file system.</param>
    /// <param name="linuxCpus">CPUs of Linux, for commands that tell.</param>
    public static async Task SameAsLinux(string exec, int cpus, string? overlay = null, int linuxCpus = LinuxCpus)
    {
        BootAnswer linux = await Answer(exec, overlay, linuxCpus);
        Assert.True(linux.Failure is null, linux.Describe("Linux"));
        BootAnswer microkernel = await Boot.Run(exec, TargetSystem.Microkernel, cpus, overlay);
        bool same = microkernel.Failure is null
            && microkernel.ExitStatus == linux.ExitStatus
            && microkernel.Output.AsSpan().SequenceEqual(linux.Output);
        string answers = linux.Describe("Linux") + microkernel.Describe("microkernel");
        Assert.True(same, $"the answers to `{exec}` differ (CPUS={cpus})\n{answers}{Difference(linux, microkernel)}");
    }

    // Last, since a log may be cut.
    private static string Difference(BootAnswer linux, BootAnswer microkernel)
    {
        string[] expected = linux.Text.Split('\n'), found = microkernel.Text.Split('\n');
        int line = 0;
        while (line < expected.Length && line < found.Length && expected[line] == found[line])
            line++;
        return $"line {line + 1}: `{expected.ElementAtOrDefault(line)}` on Linux, `{found.ElementAtOrDefault(line)}` here; "
            + $"status {linux.ExitStatus} and {microkernel.ExitStatus}";
    }

    /// <summary>Linux's answer, asked for once in a test run.</summary>
    public static Task<BootAnswer> Answer(string exec, string? overlay = null, int cpus = LinuxCpus) =>
        Answers.GetOrAdd(
            (exec, overlay, cpus),
            key => new Lazy<Task<BootAnswer>>(() => Ask(key.Exec, key.Overlay, key.Cpus))).Value;

    private static async Task<BootAnswer> Ask(string exec, string? overlay, int cpus)
    {
        for (int boot = 1; ; boot++)
        {
            BootAnswer answer = await Boot.Run(exec, TargetSystem.Linux, cpus, overlay);
            if (answer.ExitStatus != RunStatus.NoSession || answer.Failure is null || boot == LinuxBoots)
                return answer;
        }
    }
}
