using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Programs;

/// <summary>Stock .NET programs, NativeAOT and static, from tests/programs/managed: nothing in them knows this system.</summary>
public sealed class StockProgramTests
{
    // Long enough for some hundred collections on each CPU; a soak is `./run EXEC='/GcStress 600'` with OVERLAY.
    private const int StressSeconds = 10;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Collections_exceptions_and_awaits_work_at_once(int cpus)
    {
        using var overlay = new ProgramOverlay("GcStress");
        BootAnswer answer = await Boot.Run($"/GcStress {StressSeconds} 2>/dev/null", TargetSystem.Microkernel, cpus, overlay.Directory);
        Assert.True(answer.ExitStatus == 0 && answer.Text == "all workloads were right\n", answer.Describe("microkernel"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Threads_with_files_of_their_own_answer_as_on_Linux(int cpus)
    {
        using var overlay = new ProgramOverlay("ThreadedFiles");
        await LinuxOracle.SameAsLinux("/ThreadedFiles", cpus, overlay.Directory);
    }
}
