using System.Text;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Disks;

/// <summary>A driver that has its device reach for memory that nobody lent it: an IOMMU refuses that, and programs notice nothing.</summary>
public sealed class ConfinedDeviceTests
{
    // In the driver's log. The device itself may say that it is broken before the driver is ended for it.
    private const string Reported =
        @"failed: had its device reach for memory that was not lent to it, found by \(pci\|vfs\)\|the device says that it has failed";

    // A busy host makes a driver look like one that hangs, docs/supervision.md, and then it is ended for that.
    private const int MostAsked = 8;

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
            found() { grep -c '{{Reported}}' $s/log; }
            stray() {
                f=$(found); t=0
                until [ $(found) -gt $f ] || [ $t = {{MostAsked}} ]; do
                    t=$((t+1)); n=$(cat $s/restarts); echo stray >$s/inject; eval "$1" >/tmp/out
                    i=0; until [ $(cat $s/restarts) -gt $n ] || [ $i = 50 ]; do i=$((i+1)); sleep 0.1; done
                    until [ "$(cat $s/state)" = running ]; do :; done; sleep 0.1
                done
                cat /tmp/out; [ $(found) -gt $f ] && echo found
            }
            for k in 1 2 3; do blockdev --flushbufs {{device}}; stray 'blockdev --flushbufs {{device}}; sha256sum <{{device}}'; done
            seq 1 9000 >/tmp/x; stray 'dd if=/tmp/x of={{device}} bs=4k count=10 seek=7 conv=notrunc,fsync 2>/tmp/errors; blockdev --flushbufs {{device}}'
            cmp -n 40960 /tmp/x {{device}} 0 28672 && echo same
            dmesg | grep -o 'of {{driver}} was refused a [a-z]*'
            """) with { Disks = [disk.Attached(kind)] });
        Assert.True(answer.Failure is null, answer.Describe("microkernel"));
        string[] lines = answer.Text.TrimEnd('\n').Split('\n');
        Assert.True(lines.Length >= 8, answer.Text);
        for (int round = 0; round < 3; round++)
        {
            Assert.Equal(before, lines[2 * round]);
            Assert.Equal("found", lines[2 * round + 1]);
        }

        Assert.Equal("found", lines[6]);
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
