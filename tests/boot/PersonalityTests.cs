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
    public async Task Registers_signals_threads_and_bad_pointers_behave_as_on_Linux(TargetSystem system, int cpus)
    {
        string overlay = Directory.CreateTempSubdirectory("overlay-").FullName;
        try
        {
            string program = Path.Combine(overlay, "personality-tests");
            File.Copy(Path.Combine(RepositoryLayout.Find().Root, ".build/personality-tests"), program);
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            BootAnswer answer = await Boot.Run("/personality-tests", system, cpus, overlay);
            Assert.True(answer.ExitStatus == 0 && answer.Text.Contains("ok storm\n", StringComparison.Ordinal), answer.Describe("run"));
        }
        finally
        {
            Directory.Delete(overlay, recursive: true);
        }
    }
}
