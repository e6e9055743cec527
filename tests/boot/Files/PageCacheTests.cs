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
}
