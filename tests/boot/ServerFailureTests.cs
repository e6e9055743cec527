using Microkernel.Image;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests;

/// <summary>Servers that fail by themselves: made from the real ones by leaving out what they need.</summary>
public sealed class ServerFailureTests
{
    [Fact]
    public async Task An_unhandled_exception_is_in_the_log_with_its_stack_and_the_signal()
    {
        // The console driver looks for its second port.
        string log = await LogOf("[server console]\nheap = 16M\nmemory = 32M\nports.com1 = 0x3f8 8\ninterrupt.com1 = 4\n");
        Assert.Matches(@"\[ *\d+\.\d{6}\] console: Unhandled exception\. System\.IO\.InvalidDataException", log);
        Assert.Matches(@"console: +at ", log);
        Assert.Matches(@"supervisor: console crashed: signal 6 code -6 at rip 0x[0-9a-f]+", log);
    }

    [Fact]
    public async Task The_exit_status_of_a_server_is_the_real_one()
    {
        // Without the machine's handle the supervisor's program can do nothing and returns 1.
        string log = await LogOf("[server second]\narchive = supervisor\nheap = 16M\nmemory = 32M\n");
        Assert.Contains("second failed: exited with status 1", log, StringComparison.Ordinal);
    }

    private static async Task<string> LogOf(string servers)
    {
        string name = "test-" + Guid.NewGuid().ToString("n");
        string path = Path.Combine(RepositoryLayout.Find().Configurations, name + ".conf");
        await File.WriteAllTextAsync(path, servers);
        try
        {
            BootAnswer answer = await Boot.Run(new RunRequest { Command = "true"u8.ToArray(), Configuration = name, Cpus = 1, Timeout = Boot.DefaultTimeout });
            Assert.NotEqual(0, answer.ExitStatus);
            return await File.ReadAllTextAsync(answer.LogPath);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
