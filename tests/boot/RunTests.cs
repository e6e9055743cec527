using System.Security.Cryptography;
using System.Text;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests;

/// <summary>The channels of a run: shown with Linux, whose answers are known.</summary>
public sealed class RunOnLinuxTests() : RunTests(TargetSystem.Linux);

/// <summary>The same channels with the microkernel.</summary>
[Trait("Stage", "6")]
public sealed class RunOnMicrokernelTests() : RunTests(TargetSystem.Microkernel);

/// <summary>What <c>./run EXEC=...</c> promises, whichever system runs.</summary>
public abstract class RunTests(TargetSystem system)
{
    [Fact]
    public async Task Status_output_and_errors_arrive_in_order_and_a_process_left_behind_does_not_hang_the_run()
    {
        BootAnswer answer = await Boot.Run("echo out; echo err >&2; cat; sleep 1000 & exit 7", system);
        Assert.True(answer is { ExitStatus: 7, Text: "out\nerr\n" }, answer.Describe("run"));
    }

    [Fact]
    public async Task The_status_of_a_command_that_leaves_no_memory_arrives()
    {
        BootAnswer answer = await Boot.Run("ls -ld / | cut -c 1-10; dd if=/dev/zero of=/full bs=1M 2>/dev/null; echo $?; exit 7", system);
        Assert.True(answer is { ExitStatus: 7, Text: "drwxr-xr-x\n1\n" }, answer.Describe("run"));
    }

    [Fact]
    public async Task The_text_of_the_command_arrives_unchanged()
    {
        byte[] everyByte = [.. Enumerable.Range(1, 255).Select(value => (byte)value).Where(value => value != '\n')];
        byte[] command = [.. "tr '\\0' '\\n' </proc/$$/cmdline\n: <<'END'\n"u8, .. everyByte, .. "\nEND\n \"$HOME\" `:` \\ \n\n\n"u8];
        BootAnswer answer = await Boot.Run(new RunRequest { Command = command, System = system, Timeout = Boot.DefaultTimeout });
        byte[] expected = [.. "/bin/sh\n-c\n"u8, .. command, (byte)'\n'];
        Assert.True(answer.Output.AsSpan().StartsWith(expected), answer.Describe("run"));
    }

    [Fact]
    public async Task A_megabyte_of_any_bytes_arrives_byte_for_byte()
    {
        string overlay = Directory.CreateTempSubdirectory("overlay-").FullName;
        byte[] content = new byte[1 << 20];
        new Random(1).NextBytes(content);
        await File.WriteAllBytesAsync(Path.Combine(overlay, "random"), content);
        BootAnswer answer = await Boot.Run("cat /random", system, overlay: overlay);
        Directory.Delete(overlay, recursive: true);
        Assert.True(answer.ExitStatus == 0, answer.Describe("run"));
        Assert.Equal(Convert.ToHexString(SHA256.HashData(content)), Convert.ToHexString(SHA256.HashData(answer.Output)));
    }

    [Fact]
    public async Task A_timeout_ends_the_run_and_keeps_the_output_so_far()
    {
        BootAnswer answer = await Boot.Run("echo before; sleep 1000", system, timeout: TimeSpan.FromSeconds(25));
        Assert.True(answer is { ExitStatus: RunStatus.TimedOut, Text: "before\n" }, answer.Describe("run"));
    }

    [Fact]
    public async Task An_overlay_brings_modes_and_links()
    {
        string overlay = Directory.CreateTempSubdirectory("overlay-").FullName;
        Directory.CreateDirectory(Path.Combine(overlay, "opt/tool"));
        string script = Path.Combine(overlay, "opt/tool/hello");
        await File.WriteAllTextAsync(script, "#!/bin/sh\necho \"hello from $0\"\n", Encoding.ASCII);
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        File.CreateSymbolicLink(Path.Combine(overlay, "hello"), "opt/tool/hello");
        BootAnswer answer = await Boot.Run("/hello; stat -c '%a %u %g' /opt/tool/hello; readlink /hello", system, overlay: overlay);
        Directory.Delete(overlay, recursive: true);
        Assert.True(answer.Text == "hello from /hello\n500 0 0\nopt/tool/hello\n", answer.Describe("run"));
    }

    [Fact]
    public async Task The_session_starts_with_nothing_but_what_is_promised()
    {
        BootAnswer answer = await Boot.Run("readlink /proc/self/fd/0; ls -1 /proc/$$/fd; pwd; tty; exit $?", system);
        Assert.True(answer is { ExitStatus: 1, Text: "/dev/null\n0\n1\n2\n/\nnot a tty\n" }, answer.Describe("run"));
    }
}
