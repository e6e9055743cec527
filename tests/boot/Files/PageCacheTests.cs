using System.Globalization;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Files;

/// <summary>Mapped files, files of half the memory, very long and very many files, as on Linux.</summary>
[Trait("Stage", "6")]
public sealed class PageCacheTests
{
    // Not a whole number of pages, and more than one.
    private const int DataLength = 5 * 4096 + 100;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Mappings_show_what_those_of_Linux_show(int cpus)
    {
        using var overlay = new ProgramOverlay("CoherenceChecks");
        await File.WriteAllBytesAsync(Path.Combine(overlay.Directory, "data"),
            [.. Enumerable.Range(0, DataLength).Select(position => (byte)((position * 7 + position / 4096) % 251))]);
        await LinuxOracle.SameAsLinux("mkdir /m; mount -t tmpfs none /m; /CoherenceChecks; echo status $?; du -k /m; ls /m", cpus, overlay.Directory);
    }

    [Fact]
    public Task A_file_of_16_TiB_with_a_byte_at_its_end() =>
        LinuxOracle.SameAsLinux(
            "mkdir /m; mount -t tmpfs none /m; cd /m; truncate -s 16T a; printf x | dd of=a bs=1 seek=17592186044415 conv=notrunc 2>&1 | grep -v copied; "
            + "stat -c '%s %b' a; du -k a; dd if=a bs=1 skip=17592186044414 2>/dev/null | od -c; truncate -s 1G a; stat -c '%s %b' a; rm a; du -k .", 2);

    /// <summary>As on Linux about half of the memory: it does not come to the page, since kernels keep some for themselves.</summary>
    [Theory]
    [InlineData(TargetSystem.Microkernel)]
    [InlineData(TargetSystem.Linux)]
    public async Task A_file_takes_half_of_2_GiB_and_gives_it_back(TargetSystem system)
    {
        const long gibibyte = 1L << 30;
        BootAnswer answer = await Boot.Run(new RunRequest
        {
            // The second file finds what the first has given back.
            Command = ("mkdir /m; mount -t tmpfs none /m; for i in 1 2; do "u8
                + "dd if=/dev/zero of=/m/f bs=1M 2>/dev/null; stat -c %s /m/f; tail -c 3 /m/f | od -An -tx1; rm /m/f; done"u8).ToArray(),
            System = system,
            Memory = 2 * gibibyte,
            Timeout = Boot.DefaultTimeout,
        });
        Assert.True(answer.Failure is null, answer.Describe("run"));
        string[] lines = answer.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Equal(4, lines.Length);
        Assert.InRange(long.Parse(lines[0], CultureInfo.InvariantCulture), gibibyte * 9 / 10, gibibyte);
        Assert.Equal(("00 00 00", lines[0], "00 00 00"), (lines[1], lines[2], lines[3]));
    }

    /// <summary>More files are mapped one after the other than there may be objects for mapped files: they are let go again.</summary>
    [Fact]
    public async Task Of_20000_files_that_are_cached_half_are_mapped_one_after_the_other()
    {
        using var overlay = new ProgramOverlay("ManyFiles");
        BootAnswer answer = await Boot.Run(
            "mkdir /m; mount -t tmpfs none /m; /ManyFiles 20000; rm -r /m/*; df -k /m | tail -1 | awk '{ print $3 }'",
            TargetSystem.Microkernel, 2, overlay.Directory);
        Assert.True(answer.Failure is null, answer.Describe("run"));
        Assert.Equal("files 20000\nmade 20000\nmapped 10000\nread 20000\n0\n", answer.Text);
    }
}
