namespace Microkernel.Boot.Tests.Terminal;

/// <summary>
/// Terminals answer as Linux' do: line editing, raw mode, flow control, packets, sessions, background access, hang-ups (tests/programs/bare/TerminalChecks).
/// </summary>
[Trait("Stage", "6")]
public sealed class TerminalDifferenceTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Terminals_do_what_those_of_Linux_do(int cpus)
    {
        using var overlay = new ProgramOverlay("TerminalChecks");
        // A child of the shell: the shell leads a session, and would hand that on by an exec.
        await LinuxOracle.SameAsLinux("/TerminalChecks 2>&1; echo status $?", cpus, overlay.Directory);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public Task Names_of_pseudo_terminals_come_and_go(int cpus) =>
        LinuxOracle.SameAsLinux(
            "exec 3<>/dev/ptmx 4<>/dev/ptmx; stat -c '%n %a %u %g %t %T' /dev/pts/* /dev/ptmx; exec 3>&-; ls /dev/pts; exec 5<>/dev/ptmx; ls /dev/pts; " +
            "grep devpts /proc/mounts", cpus);
}
