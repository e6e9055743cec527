using System.Text;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Disks;

/// <summary>
/// A device that ignores the reset of its driver's successor: once, and then the disk is as before; for good, and then it is EIO, and nothing else is.
/// </summary>
public sealed class StuckDeviceTests
{
    // The first process of each driver writes, meets the fault in that, and its successor the device.
    private const string Functions =
        """
        mount -t devtmpfs none /dev; seq 1 2000 | head -c 4096 >/tmp/x
        ask() {
            s=/sys/servers/$2; n=$(cat $s/restarts); echo $1 >$s/inject
            dd if=/tmp/x of=$3 bs=4k seek=3 conv=notrunc,fsync 2>&1 | grep -o 'Input/output error'
            until [ $(cat $s/restarts) -gt $n ] && [ "$(cat $s/state)" = running ]; do sleep 0.1; done
            echo $1 $2 $(($(cat $s/restarts) - n)) $(cat $s/last_failure)
        }

        """;

    // A busy host makes a driver that takes long to end look like one that hangs: docs/supervision.md.
    private const string Found =
        " (failed: unexpected exception: Libsys.Hosting.Devices.Disks.BrokenDeviceException|hangs: .* while a client waits)";

    [Fact]
    public async Task A_device_that_ignores_its_reset_once_is_reset_by_the_bus_or_at_the_next_try_and_no_program_notices()
    {
        using var first = new TestDisk(1 << 20, seed: 21);
        using var second = new TestDisk(1 << 20, seed: 22);
        BootAnswer answer = await Run(
            """
            for n in 1 2; do ask stuck virtio-blk /dev/vda; ask stuck nvme /dev/nvme0n1; done
            for d in vda nvme0n1; do blockdev --flushbufs /dev/$d; dd if=/dev/$d bs=4k skip=3 count=1 2>/dev/null | cmp - /tmp/x && echo same; done
            dmesg | grep -o 'has [0-9a-f]* reset by.*' | sed 's/ [0-9a-f]* / N /' | sort | uniq -c | sed 's/^ *//'
            """, first.Attached(DiskKind.Virtio), second.Attached(DiskKind.Nvme));
        string[] lines = answer.Text.TrimEnd('\n').Split('\n');
        Assert.Equal(8, lines.Length);
        foreach ((string line, int number) in lines[..4].Select(static (line, number) => (line, number)))
            Assert.Matches($"^stuck {(number % 2 == 0 ? "virtio-blk" : "nvme")} 1{Found}", line);
        // QEMU's controller of NVMe has a reset of its function; its disks of virtio have none on the first bus.
        Assert.Equal(["same", "same", "2 has N reset by FunctionLevel: 0", "2 has N reset by None: -95"], lines[4..]);
    }

    [Theory]
    [InlineData(DiskKind.Virtio, 1)]
    [InlineData(DiskKind.Nvme, 2)]
    public async Task A_device_that_never_comes_to_its_reset_is_an_error_for_its_clients_and_for_nobody_else(DiskKind kind, int cpus)
    {
        (string driver, string device, string neighbour) =
            kind == DiskKind.Virtio ? ("virtio-blk", "/dev/vda", "/dev/vdb") : ("nvme", "/dev/nvme0n1", "/dev/nvme1n1");
        using var disk = new TestDisk(1 << 20, seed: 23);
        using var other = new TestDisk(1 << 20, seed: 24);
        BootAnswer answer = await Run(
            $$"""
            ask dead {{driver}} {{device}}
            for c in 'blockdev --flushbufs' cat; do $c {{device}} 2>&1 | grep -o 'Input/output error'; done
            blockdev --flushbufs {{neighbour}}; sha256sum <{{neighbour}}; dd if=/tmp/x of={{neighbour}} bs=4k conv=notrunc,fsync 2>/dev/null && echo written
            n=$(cat $s/restarts); sleep 2; echo $(cat $s/state) $(($(cat $s/restarts) - n)) $(grep -c 'is dead, and left alone' $s/log)
            """, cpus, disk.Attached(kind), other.Attached(kind));
        string[] lines = answer.Text.TrimEnd('\n').Split('\n');
        Assert.Equal(7, lines.Length);
        Assert.Matches($"^dead {driver} 1{Found}", lines[1]);
        const string error = "Input/output error";
        Assert.Equal((error, error, error, "written", "running 0 1"), (lines[0], lines[2], lines[3], lines[5], lines[6]));
        byte[] bytes = File.ReadAllBytes(other.FilePath);
        using var before = new TestDisk(1 << 20, seed: 24);
        Assert.Equal(before.Hash.ToLowerInvariant() + "  -", lines[4]);
        Assert.Equal("1\n2\n3\n", Encoding.ASCII.GetString(bytes[..6]));
    }

    private static Task<BootAnswer> Run(string command, params DiskFile[] disks) => Run(command, 2, disks);

    private static async Task<BootAnswer> Run(string command, int cpus, params DiskFile[] disks)
    {
        BootAnswer answer = await Boot.Run(new RunRequest
        {
            Command = Encoding.UTF8.GetBytes(Functions + command), System = TargetSystem.Microkernel, Cpus = cpus, Timeout = Boot.DefaultTimeout, Disks = disks,
        });
        Assert.True(answer.Failure is null, answer.Describe("microkernel"));
        return answer;
    }
}
