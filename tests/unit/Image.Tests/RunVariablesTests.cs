using System.Text;
using Microkernel.Image.Run;

namespace Microkernel.Image.Tests;

public sealed class RunVariablesTests
{
    [Fact]
    public void All_variables_are_read()
    {
        RunRequest request = Parse("EXEC=echo a=b", "SYSTEM=linux", "CPUS=4", "MEM=1G", "TIMEOUT=2.5", "CONFIG=tiny", "OVERLAY=/x/../y", "GDB=1");
        Assert.Equal("echo a=b", Encoding.UTF8.GetString(request.Command!.Value.Span));
        Assert.Equal((TargetSystem.Linux, 4, 1L << 30), (request.System, request.Cpus!.Value, request.Memory!.Value));
        Assert.Equal((TimeSpan.FromSeconds(2.5), "tiny", "/y", true),
            (request.Timeout!.Value, request.Configuration, request.Overlay!, request.WaitsForDebugger));
    }

    [Fact]
    public void A_command_keeps_bytes_that_are_no_text()
    {
        byte[] argument = [.. "EXEC="u8, 0xff, 0xfe, (byte)'\n'];
        Assert.Equal(new byte[] { 0xff, 0xfe, (byte)'\n' }, RunVariables.Parse([argument]).Command!.Value.ToArray());
    }

    [Theory]
    [InlineData("unknown variable EXCE (did you mean EXEC?)", "EXCE=x")]
    [InlineData("expected VAR=value, found EXEC", "EXEC")]
    [InlineData("SYSTEM=linus: unknown system (did you mean linux?)", "SYSTEM=linus")]
    [InlineData("CPUS=0: expected a number", "CPUS=0")]
    [InlineData("MEM=1M: expected a size of at least 64M", "MEM=1M")]
    [InlineData("MEM=99999999999G: expected a size", "MEM=99999999999G")]
    [InlineData("TIMEOUT=-1: expected seconds", "TIMEOUT=-1")]
    [InlineData("ICOUNT=yes: expected 1 or 0", "ICOUNT=yes")]
    [InlineData("EXEC is given twice", "EXEC=a", "EXEC=b")]
    [InlineData("ICOUNT=1 contradicts CPUS=2", "ICOUNT=1", "CPUS=2")]
    public void Wrong_input_is_a_clear_error(string message, params string[] arguments)
    {
        ImageException error = Assert.Throws<ImageException>(() => Parse(arguments));
        Assert.StartsWith(message, error.Message);
    }

    [Fact]
    public async Task The_control_port_tells_start_and_status()
    {
        var control = new ControlChannel();
        control.Receive("rea"u8);
        Assert.False(control.Ready.Task.IsCompleted);
        control.Receive("dy\r\nexit 2"u8);
        Assert.False(control.Exited.Task.IsCompleted);
        control.Receive("00\n"u8);
        Assert.Equal(200, await control.Exited.Task);
        Assert.Null(control.Violation);
        control.Receive("exit 256\n"u8);
        Assert.Equal("exit 256", control.Violation);
    }

    private static RunRequest Parse(params string[] arguments) => RunVariables.Parse(arguments.Select(Encoding.UTF8.GetBytes));
}
