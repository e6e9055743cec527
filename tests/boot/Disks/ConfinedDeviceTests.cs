using System.Text;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Disks;

/// <summary>A driver that has its device reach for memory that nobody lent it: an IOMMU refuses that, and programs notice nothing.</summary>
public sealed class ConfinedDeviceTests
{
    private const string Failure = "failed: had its device reach for memory that was not lent to it, found by (pci|vfs)";

    // The device itself may say that it is broken before the driver is ended for it.
    private const string Reported = Failure + "|the device says that it has failed";

    [Theory]
    [InlineData(DiskKind.Virtio)]
    [InlineData(DiskKind.Nvme)]
    public async Task A_device_that_reaches_for_what_is_not_lent_to_it_is_refused_and_its_driver_replaced(DiskKind kind)
    {
        (string driver, string device) = kind == DiskKind.Virtio ? ("virtio-blk", "/dev/vda") : ("nvme", "/dev/nvme0n1");
        using var disk = new TestDisk(16 << 20, seed: 9);
        string before = disk.Hash.ToLowerInvariant() + "  -";
        // Reads, which the device would have written elsewhere, and writes, which it would have read elsewhere.
        BootAnswer answer = await Boot.Run(Request(
            $$"""
            mount -t devtmpfs none /dev; s=/sys/servers/{{driver}}
            for k in 1 2 3; do
                n=$(cat $s/restarts); blockdev --flushbufs {{device}}; echo stray >$s/inject; sha256sum <{{device}}
                i=0; until [ $(cat $s/restarts) -gt $n ] || [ $i = 50 ]; do i=$((i+1)); sleep 0.1; done
                cat $s/last_failure; until [ "$(cat $s/state)" = running ]; do :; done
            done
            n=$(cat $s/restarts); seq 1 9000 >/tmp/x; echo stray >$s/inject
            dd if=/tmp/x of={{device}} bs=4k count=10 seek=7 conv=notrunc,fsync 2>/dev/null; blockdev --flushbufs {{device}}
            i=0; until [ $(cat $s/restarts) -gt $n ] || [ $i = 50 ]; do i=$((i+1)); sleep 0.1; done
            cat $s/last_failure; cmp -n 40960 /tmp/x {{device}} 0 28672 && echo same
            dmesg | grep -o 'of {{driver}} was refused a [a-z]*'
            """) with { Disks = [disk.Attached(kind)] });
        Assert.True(answer.Failure is null, answer.Describe("microkernel"));
        string[] lines = answer.Text.TrimEnd('\n').Split('\n');
        Assert.True(lines.Length >= 8, answer.Text);
        for (int round = 0; round < 3; round++)
        {
            Assert.Equal(before, lines[2 * round]);
            Assert.Matches(Reported, lines[2 * round + 1]);
        }

        Assert.Matches(Reported, lines[6]);
        Assert.Equal("same", lines[7]);
        Assert.Contains($"of {driver} was refused a write", lines);
        Assert.Contains($"of {driver} was refused a read", lines);
    }

    [Fact]
    public async Task A_machine_without_an_iommu_says_so_and_lets_no_device_stray_on_purpose()
    {
        using var disk = new TestDisk(1 << 20, seed: 9);
        string hash = disk.Hash.ToLowerInvariant() + "  -";
        BootAnswer answer = await Boot.Run(Request(
            """
            mount -t devtmpfs none /dev; s=/sys/servers/virtio-blk
            dmesg | grep -o 'no IOMMU: .*'; sha256sum </dev/vda; echo stray >$s/inject; blockdev --flushbufs /dev/vda; sha256sum </dev/vda
            grep -c lent $s/last_failure; grep -o 'nothing confines.*' $s/log
            """) with { Disks = [disk.Attached(DiskKind.Virtio)], HasIommu = false });
        Assert.True(answer.Failure is null, answer.Describe("microkernel"));
        Assert.Equal(
            $"no IOMMU: drivers are trusted to have their devices use no memory but what is lent to them\n{hash}\n{hash}\n0\n" +
            "nothing confines the devices: nothing is injected\n", answer.Text);
    }

    private static RunRequest Request(string command) =>
        new() { Command = Encoding.UTF8.GetBytes(command), System = TargetSystem.Microkernel, Timeout = Boot.DefaultTimeout };
}
