using Microkernel.Image;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests;

/// <summary>libsys/personality-tests as an ordinary program: on Linux, which shows that its checks are right, and on the microkernel.</summary>
public sealed class PersonalityTests
{
    [Theory]
    [InlineData(TargetSystem.Linux, 2)]
    [InlineData(TargetSystem.Microkernel, 1)]
    [InlineData(TargetSystem.Microkernel, 2)]
    [InlineData(TargetSystem.Microkernel, 4)]
    public Task Registers_signals_threads_and_bad_pointers_behave_as_on_Linux(TargetSystem system, int cpus) => Run("", "ok storm\n", system, cpus);

    /// <summary>Enough rounds that each of a few dozen critical sections is hit many times; a lock that is lost hangs the first round that wants it.</summary>
    [Theory]
    [InlineData(TargetSystem.Linux, 2)]
    [InlineData(TargetSystem.Microkernel, 1)]
    [InlineData(TargetSystem.Microkernel, 2)]
    [InlineData(TargetSystem.Microkernel, 4)]
    public Task Killing_a_process_that_shares_memory_leaves_the_others_whole(TargetSystem system, int cpus) => Run(" kill 1500", "ok kill\n", system, cpus);

    private static async Task Run(string arguments, string expected, TargetSystem system, int cpus)
    {
        string overlay = Directory.CreateTempSubdirectory("overlay-").FullName;
        try
        {
            string program = Path.Combine(overlay, "personality-tests");
            File.Copy(Path.Combine(RepositoryLayout.Find().Root, ".build/personality-tests"), program);
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            BootAnswer answer = await Boot.Run("/personality-tests" + arguments, system, cpus, overlay);
            Assert.True(answer.ExitStatus == 0 && answer.Text.Contains(expected, StringComparison.Ordinal), answer.Describe("run"));
        }
        finally
        {
            Directory.Delete(overlay, recursive: true);
        }
    }
}
