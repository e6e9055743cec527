using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests;

/// <summary>Systems that do not come up, made from Linux with another /init.</summary>
public sealed class FailedBootTests : IDisposable
{
    private readonly string overlay = Directory.CreateTempSubdirectory("overlay-").FullName;

    public void Dispose() => Directory.Delete(overlay, recursive: true);

    [Fact]
    public async Task A_panic_ends_the_run_and_its_text_is_in_the_log()
    {
        BootAnswer answer = await Boot("#!/bin/sh\nexit 1\n");
        Assert.Equal(RunStatus.NoSession, answer.ExitStatus);
        Assert.Contains("ended before the session", answer.Failure);
        Assert.Contains("Kernel panic", await File.ReadAllTextAsync(answer.LogPath));
    }

    [Fact]
    public async Task A_system_that_stays_dark_is_given_up()
    {
        BootAnswer answer = await Boot("#!/bin/sh\nsleep 1000\n");
        Assert.Equal(RunStatus.NoSession, answer.ExitStatus);
        Assert.Contains("no sign of life", answer.Failure);
    }

    [Fact]
    public async Task Other_text_on_the_control_port_is_no_status()
    {
        BootAnswer answer = await Boot("#!/bin/sh\nprintf 'ready\\nexit 0x\\n' >/dev/ttyS2\npoweroff -f\n");
        Assert.Equal(RunStatus.NoSession, answer.ExitStatus);
        Assert.Contains("unexpected text on the control port: exit 0x", answer.Failure);
    }

    private Task<BootAnswer> Boot(string init)
    {
        string path = Path.Combine(overlay, "init");
        File.WriteAllText(path, init);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return Tests.Boot.Run("true", TargetSystem.Linux, overlay: overlay);
    }
}
