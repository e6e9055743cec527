using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microkernel.Image;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests;

/// <summary>Servers that fail by themselves: made from the real ones by leaving out what they need.</summary>
public sealed partial class ServerFailureTests
{
    // The console driver looks for its second port.
    private const string LacksPort = "[server console]\nheap = 16M\nmemory = 32M\nports.com1 = 0x3f8 8\ninterrupt.com1 = 4\n";

    [Fact]
    public async Task An_unhandled_exception_is_in_the_log_with_its_stack_by_file_and_line()
    {
        string log = await LogOf(LacksPort);
        Assert.Contains("supervisor: console failed: unexpected exception: System.IO.InvalidDataException: start table: " +
            "no handle \"com2.ports\" (generation 1, process 1)", log, StringComparison.Ordinal);
        Assert.Matches(@"supervisor: console  at 0x[0-9a-f]+ Libsys\.Hosting\.ServerContext\.Handle\S* \(libsys/hosting/ServerContext\.cs:\d+\)", log);
        Assert.Matches(@"supervisor: console  at 0x[0-9a-f]+ Program\.\S+ \(servers/drivers/console/Program\.cs:\d+\)", log);
    }

    [Fact]
    public async Task A_fatal_signal_is_in_the_log_with_the_last_messages()
    {
        using var overlay = new ProgramOverlay("ConnectionChecks");
        BootAnswer answer = await Boot.Run(new RunRequest
        {
            Command = ("mount -t devtmpfs none /dev; /ConnectionChecks /dev/mailbox a; echo $?; "u8
                + "until dmesg | grep -q 'mailbox  message'; do sleep 0.1; done"u8).ToArray(),
            Configuration = "mailbox", Overlay = overlay.Directory, Cpus = 1, Timeout = Boot.DefaultTimeout,
        });
        Assert.StartsWith("5\n", answer.Text, StringComparison.Ordinal); // EIO
        string log = await File.ReadAllTextAsync(answer.LogPath);
        Assert.Matches(@"supervisor: mailbox crashed: signal 6 code -6 at rip 0x[0-9a-f]+", log);
        Assert.Matches(@"supervisor: mailbox  message \d+: [\d.]+ request \d+", log);
    }

    [Fact]
    public async Task The_exit_status_of_a_server_is_the_real_one()
    {
        // Without the machine's handle the supervisor's program can do nothing and returns 1.
        string log = await LogOf("[server second]\narchive = supervisor\nheap = 16M\nmemory = 32M\n");
        Assert.Contains("second failed: exited with status 1", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_fails_again_and_again_is_started_ever_later_and_then_not_at_all()
    {
        // Four failures are survived: at once, then 50, 100 and 200 ms later. The fifth is one too many.
        string log = await LogOf(LacksPort + "restart = always\nrestarts = 4\n");
        double[] failures = [.. Failure().Matches(log).Select(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];
        Assert.Equal(5, failures.Length);

        // The time of the start itself comes on top.
        double[] leastDelays = [0, 0.05, 0.1, 0.2];
        Assert.All(leastDelays.Index(), delay => Assert.True(failures[delay.Index + 1] - failures[delay.Index] >= delay.Item, log));
        Assert.Contains("console failed 5 times within 60 s: it is not started again", log, StringComparison.Ordinal);
    }

    private static async Task<string> LogOf(string servers, string command = "true")
    {
        string name = "test-" + Guid.NewGuid().ToString("n");
        string path = Path.Combine(RepositoryLayout.Find().Configurations, name + ".conf");
        await File.WriteAllTextAsync(path, servers);
        try
        {
            BootAnswer answer =
                await Boot.Run(new RunRequest { Command = Encoding.UTF8.GetBytes(command), Configuration = name, Cpus = 1, Timeout = Boot.DefaultTimeout });
            Assert.NotEqual(0, answer.ExitStatus);
            return await File.ReadAllTextAsync(answer.LogPath);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [GeneratedRegex(@"\[ *([\d.]+)\] supervisor: console failed: unexpected exception")]
    private static partial Regex Failure();
}
