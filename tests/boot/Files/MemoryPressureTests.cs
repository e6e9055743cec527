using System.Text;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Files;

/// <summary>
/// Programs get the memory that the page cache has: configuration "pressure", with tests/servers/vfs-disk in place of vfs and a cache for most of what is left
/// when the servers have begun.
/// </summary>
[Trait("Stage", "6")]
public sealed class MemoryPressureTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task A_program_gets_the_memory_that_a_cached_file_has_filled(int cpus)
    {
        using var overlay = new ProgramOverlay("StoreChecks");
        // The file is a hole: it fills the cache and not the disk. Then more than was left is touched, by one process, and by two at once.
        const string command = """
            mount -t devtmpfs none /dev; mknod /tmp/disk c 241 0; mkdir -p /m; mount -t testdisk none /m
            figure() { sed "s/.*$1 \([0-9]*\) .*/\1/" /tmp/disk; }
            truncate -s 450M /m/file
            for round in 1 2 3; do
            cat /m/file >/dev/null
            n=$(figure cached); [ $n -gt 100000 ] || echo only $n cached
            free=$(($(sed -n 's/MemFree: *\([0-9]*\) .*/\1/p' /proc/meminfo) / 1024)); [ $free -lt 340 ] || echo $free MiB are free
            n=$(figure reclaimed)
            /StoreChecks t 380; /StoreChecks t 190 & /StoreChecks t 190; wait
            n=$(($(figure reclaimed) - n)); [ $n -gt 10000 ] && echo taken
            done
            """;
        BootAnswer answer = await Boot.Run(new RunRequest
        {
            Command = Encoding.UTF8.GetBytes(command), Configuration = "pressure", Cpus = cpus, Overlay = overlay.Directory, Timeout = Boot.DefaultTimeout,
        });
        const string round = "touched\ntouched\ntouched\ntaken\n";
        Assert.True(answer.Text == round + round + round, answer.Describe("run"));
    }
}
