using System.Text;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Disks;

/// <summary>Drivers of disks that are not there any more, or never were: configuration "unreliable".</summary>
public sealed class LostDriverTests
{
    /// <summary>
    /// The driver of NVMe is given a function that is no controller of disks, fails three times and is given up: the machine is there without its disk. That of
    /// virtio is killed and not started again: who waits for it and who comes later gets EIO, and everything else goes on.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_driver_that_fails_for_good_is_an_error_and_not_the_end(int cpus)
    {
        using var disk = new TestDisk(16 << 20, seed: 13);
        using var other = new TestDisk(1 << 20, seed: 14);
        BootAnswer answer = await Boot.Run(new RunRequest
        {
            Command = Encoding.UTF8.GetBytes("""
                mount -t devtmpfs none /dev; s=/sys/servers; cat $s/nvme/state; cut -c1-7 $s/nvme/last_failure; ls /dev | grep -c nvme; sha256sum </dev/vda
                (while :; do dd if=/tmp/none of=/dev/null 2>/dev/null; cat /dev/vda; blockdev --flushbufs /dev/vda; done) >/dev/null 2>/tmp/errors & reader=$!
                (while dd if=/dev/zero of=/dev/vda bs=64k count=9 conv=notrunc,fsync 2>/tmp/error; do :; done; cat /tmp/error; echo ended) >/tmp/writer &
                sleep 0.3
                echo kill >$s/virtio-blk/inject
                until grep -q 'Input/output error' /tmp/errors && grep -q ended /tmp/writer; do sleep 0.1; done
                kill $reader; cat $s/virtio-blk/state; grep -o 'I/O error\|Input/output error' /tmp/writer | head -n 1; cat /dev/vda 2>&1
                seq 5000 | sha256sum | cut -c1-8
                """),
            Configuration = "unreliable", Cpus = cpus, Timeout = Boot.DefaultTimeout, Disks = [disk.Attached(DiskKind.Virtio), other.Attached(DiskKind.Nvme)],
        });
        Assert.True(answer.Failure is null, answer.Describe("microkernel"));
        string[] lines = answer.Text.Split('\n');
        Assert.Equal(["failed", "failed:", "0"], lines[..3]);
        Assert.Equal("failed", lines[4]);
        Assert.Contains("Input/output error", lines[5], StringComparison.Ordinal);
        Assert.Contains("Input/output error", lines[6], StringComparison.Ordinal);
        Assert.Contains("nvme failed 3 times within 60 s: it is not started again", await File.ReadAllTextAsync(answer.LogPath), StringComparison.Ordinal);
    }
}
