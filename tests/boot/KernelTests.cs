using System.Diagnostics;
using System.Globalization;
using Microkernel.Image;

namespace Microkernel.Boot.Tests;

/// <summary>The kernel alone: its test image (microkernel/tests) in the personality's place prints a line for each test on the kernel's log.</summary>
public sealed class KernelTests
{
    // A bound of the design: instructions from entry on one side to exit on the other, in another address space.
    private const int InstructionsOneWay = 500;
    // A loop of 200 ms is interrupted at the end of each turn of 10 ms, and once more where the timer came a little early.
    private const int InterruptionsOfALoop = 45;
    // QEMU does not say who it is. It has no SMAP that allows iretq in ring 3 (Features of the kernel), and then the kernel would rely on it.
    internal const string NotEmulated = ",tcg-cpuid=off,-smap";
    // The kernel writes 0x10 to the debug-exit port when it halts in order; QEMU ends with twice that plus 1.
    private const int PowerOffExitCode = 33;
    // docs/performance.md rounds, and not every change of a few instructions is one of the page.
    private const double PublishedTolerance = 0.05;

    // Rows of the table there, and what the test image calls them.
    private static readonly (string Row, string Measure)[] Published =
    [
        ("null kernel call", "null-call"), ("kernel call through the dispatcher", "dispatched-call"), ("reflection of a Linux call", "reflection-and-back"),
        ("signal-and-wait", "signal-and-wait-one-way"), ("call or reply", "call-reply-one-way"), ("demand-zero page fault", "demand-zero-fault"),
            ("unmapping one page", "unmap-page"),
        ("fork of the small test space", "fork"), ("pages of two rings", "ring-pages-made-and-ended"), ("pinning a page", "pin-and-unpin-a-page"),
        ("interruptions of a loop", "interruptions-of-a-loop"),
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Kernel_calls_keep_their_contracts_and_random_ones_do_no_harm(int cpus)
    {
        (int exit, string log) = await BootAsync("-smp", cpus.ToString(CultureInfo.InvariantCulture), "-accel", "tcg,thread=multi");
        Assert.True(exit == PowerOffExitCode && log.Contains(" 0 failed\n", StringComparison.Ordinal), $"status {exit}\n{log}");
        Assert.Contains("PASS random calls do no harm", log, StringComparison.Ordinal);
    }

    /// <summary>By ymm, which an emulated processor is not asked for.</summary>
    [Fact]
    public async Task Kernel_calls_keep_their_contracts_where_pages_are_copied_by_vectors()
    {
        (int exit, string log) = await BootAsync("-smp", "1", "-accel", "tcg", "-cpu", "max" + NotEmulated);
        Assert.True(exit == PowerOffExitCode && log.Contains(" 0 failed\n", StringComparison.Ordinal), $"status {exit}\n{log}");
    }

    /// <summary>The test of what a device reaches counts what it was refused, which nobody does without an IOMMU.</summary>
    [Fact]
    public async Task Kernel_calls_keep_their_contracts_with_an_iommu()
    {
        (int exit, string log) = await BootAsync("-smp", "2", "-accel", "tcg,thread=multi", "-device", "intel-iommu");
        Assert.True(exit == PowerOffExitCode && log.Contains(" 0 failed\n", StringComparison.Ordinal), $"status {exit}\n{log}");
        Assert.InRange(Measured(log, "refused-accesses"), 1, int.MaxValue);
    }

    [Fact]
    public async Task Messages_between_spaces_take_at_most_500_instructions_one_way()
    {
        // With one virtual nanosecond an instruction, measured times are instruction counts.
        (int exit, string log) = await BootAsync("-smp", "1", "-accel", "tcg", "-icount", "shift=0");
        Assert.True(exit == PowerOffExitCode, $"status {exit}\n{log}");
        Assert.InRange(Measured(log, "call-reply-one-way"), 1, InstructionsOneWay);
        Assert.InRange(Measured(log, "signal-and-wait-one-way"), 1, InstructionsOneWay);
        Assert.InRange(Measured(log, "reflection-and-back"), 1, InstructionsOneWay);
        Assert.InRange(Measured(log, "interruptions-of-a-loop"), 0, InterruptionsOfALoop);
    }

    [Fact]
    public async Task Published_counts_are_measured()
    {
        (int exit, string log) = await BootAsync("-smp", "1", "-accel", "tcg", "-icount", "shift=0");
        Assert.True(exit == PowerOffExitCode, $"status {exit}\n{log}");
        string[] page = await File.ReadAllLinesAsync(Path.Combine(RepositoryLayout.Find().Root, "docs/performance.md"));
        foreach ((string row, string measure) in Published)
        {
            string count = page.Single(line => line.StartsWith($"| {row}", StringComparison.Ordinal)).Split('|', StringSplitOptions.TrimEntries)[2];
            int published = int.Parse(count, NumberStyles.AllowThousands, CultureInfo.InvariantCulture), measured = Measured(log, measure);
            Assert.True(Math.Abs(measured - published) <= published * PublishedTolerance, $"{row}: {measured} measured, docs/performance.md says {published}");
        }
    }

    private static int Measured(string log, string name)
    {
        string prefix = $"MEASURE {name} ";
        string line = log.Split('\n').First(l => l.StartsWith(prefix, StringComparison.Ordinal));
        return int.Parse(line[prefix.Length..], CultureInfo.InvariantCulture);
    }

    private static async Task<(int Exit, string Log)> BootAsync(params string[] machine)
    {
        string kernel = Path.Combine(RepositoryLayout.Find().Root, ".build/kernel-tests.elf");
        var start = new ProcessStartInfo("qemu-system-x86_64") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])
        [
            "-machine", "q35", "-cpu", "max", "-m", "256M", "-nodefaults", "-display", "none", "-nic", "none", "-no-reboot",
            "-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-chardev", "stdio,id=log", "-device", "isa-debugcon,iobase=0xe9,chardev=log",
            // Devices for the tests of ports, messages and DMA: a UART, which they use in loopback, and QEMU's own for such tests.
            "-chardev", "null,id=uart", "-device", "isa-serial,iobase=0x3f8,irq=4,chardev=uart", "-device", "edu",
            // Some file as the archive: the tests read and lend its pages, whatever is in them.
            "-kernel", kernel, "-initrd", kernel, .. machine,
        ])
            start.ArgumentList.Add(argument);
        using Process qemu = Process.Start(start)!;
        using var timeout = new CancellationTokenSource(Boot.DefaultTimeout);
        Task<string> log = qemu.StandardOutput.ReadToEndAsync(), errors = qemu.StandardError.ReadToEndAsync();
        try
        {
            await qemu.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            qemu.Kill();
            return (-1, await log + await errors);
        }
        return (qemu.ExitCode, await log + await errors);
    }
}
