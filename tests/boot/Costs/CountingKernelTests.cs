using System.Text;
using Libsys.Abi;
using Microkernel.Image;
using Microkernel.Image.Bench;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Costs;

/// <summary>The kernel that counts (docs/decisions/counting-kernel.md), by operations of which it is known what they do.</summary>
public sealed class CountingKernelTests
{
    private const string Fault = "page fault of anonymous memory", Wake = "futex wake of nobody", Clock = "clock_gettime", Protect = "mprotect 64 KiB",
        Process = "fork + exit + wait", PingPong = "pipe ping-pong of two processes";

    [Fact]
    public async Task Counters_count_what_they_say()
    {
        var boot = new BenchBoot
        {
            System = TargetSystem.Microkernel, CountsMessages = true, CountsInstructions = true, BatchLength = 2_000_000,
            Rows = [.. new[] { Fault, Wake, Clock, Protect, Process, PingPong }.Select(row => "=" + row)],
        };
        IReadOnlyList<BenchLine> lines = await boot.RunAsync(RepositoryLayout.Find(), _ => { }, CancellationToken.None);
        Dictionary<string, BenchCounts> counts = lines.ToDictionary(line => line.Row, line => BenchCounts.From(line.Values));

        // Ticks come beside; a fault is one entry and no message.
        Assert.InRange(counts[Fault].Interrupts, 1, 1.5);
        Assert.InRange(counts[Fault].Messages, 0, 0.1);
        Assert.InRange(counts[Protect].KernelCalls, 1, 1.1);
        Assert.InRange(counts[Wake].KernelCalls, 0, 0.1); // a program knows that nobody waits
        Assert.InRange(counts[Clock].KernelEntries + counts[Clock].Messages + counts[Clock].SpaceSwitches, 0, 0.1);
        // Fork, the end of the child and the wait for it are calls of the process server.
        Assert.InRange(counts[Process].EndpointCalls, 3, 20);
        Assert.InRange(counts[Process].SpaceSwitches, 6, 100);
        // To the other process and back, whatever is between.
        Assert.InRange(counts[PingPong].SpaceSwitches, 2, 30);
    }

    [Fact]
    public async Task The_product_counts_nothing()
    {
        byte[] mark = Encoding.ASCII.GetBytes("kernel_counters");
        RepositoryLayout repository = RepositoryLayout.Find();
        Assert.True((await File.ReadAllBytesAsync(repository.CountingKernel)).AsSpan().IndexOf(mark) >= 0);
        Assert.True((await File.ReadAllBytesAsync(repository.Kernel)).AsSpan().IndexOf(mark) < 0);
        Assert.DoesNotContain(Enum.GetValues<KernelCall>(), call => (uint)call >= KernelCounters.FirstCall);
    }
}
