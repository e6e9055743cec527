using System.Text;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Disks;

/// <summary>A controller of NVMe with several namespaces: each is a disk of its own, as on Linux.</summary>
public sealed class NamespaceTests
{
    private const string Command =
        """
        mount -t devtmpfs none /dev
        for n in 0n1 0n2 0n3 1n1; do until [ -b /dev/nvme$n ]; do sleep 0.1; done; done
        lsblk -n -o NAME,SIZE,TYPE,RO,LOG-SEC | sort; for n in 0n1 0n2 0n3 1n1; do sha256sum </dev/nvme$n; readlink -f /sys/class/block/nvme$n; done
        printf 'label: dos\nlabel-id: 0x12345678\nsize=4M\n' | sfdisk -q /dev/nvme0n2; ls /dev/nvme*n*
        for n in 1 2 3; do (seq $n $((n+9000)) | dd of=/dev/nvme0n$n bs=4k seek=300 conv=notrunc,fsync 2>/dev/null) & done; wait
        blkdiscard -f -z -o 1M -l 64K /dev/nvme0n3
        mke2fs -q -t ext4 -U clear /dev/nvme0n2p1 && mount -t ext4 /dev/nvme0n2p1 /mnt && echo mounted && umount /mnt
        for n in 0n1 0n3 1n1; do blockdev --flushbufs /dev/nvme$n; sha256sum </dev/nvme$n; done

        """;

    [Fact]
    public async Task Each_namespace_is_a_disk_as_on_Linux()
    {
        BootAnswer here = await Run(TargetSystem.Microkernel, Command), linux = await Run(TargetSystem.Linux, Command);
        Assert.True(here.Failure is null && linux.Failure is null, here.Describe("microkernel") + linux.Describe("Linux"));
        Assert.Equal(linux.Text, here.Text);
        Assert.Contains("mounted", here.Text, StringComparison.Ordinal);
    }

    /// <summary>The successor knows each by its controller and number.</summary>
    [Fact]
    public async Task A_driver_that_ends_and_a_controller_that_dies_confuse_no_disks()
    {
        BootAnswer answer = await Run(
            TargetSystem.Microkernel,
            """
            mount -t devtmpfs none /dev; s=/sys/servers/nvme; for n in 0n1 0n2 0n3 1n1; do sha256sum </dev/nvme$n; done >/tmp/before
            again() { for n in 0n1 0n2 0n3 1n1; do blockdev --flushbufs /dev/nvme$n 2>/dev/null; sha256sum </dev/nvme$n 2>/dev/null || echo lost; done; }
            for k in 1 2 3; do echo kill >$s/inject; again >/tmp/after; cmp /tmp/before /tmp/after && echo same; done
            n=$(cat $s/restarts); echo dead >$s/inject; cat /dev/nvme0n2 >/dev/null 2>&1; dd if=/dev/nvme0n2 of=/dev/null iflag=direct count=1 2>/dev/null
            until [ $(cat $s/restarts) -gt $n ] && [ "$(cat $s/state)" = running ]; do sleep 0.1; done
            again | cut -c1-64 >/tmp/lost; head -n 3 /tmp/lost; tail -n 1 /tmp/lost | grep -c -F -f - /tmp/before
            """);
        Assert.True(answer.Failure is null, answer.Describe("microkernel"));
        Assert.Equal("same\nsame\nsame\nlost\nlost\nlost\n1\n", answer.Text);
    }

    private static async Task<BootAnswer> Run(TargetSystem system, string command)
    {
        using var first = new TestDisk(4 << 20, seed: 41);
        using var second = new TestDisk(6 << 20, seed: 42);
        using var third = new TestDisk(8 << 20, seed: 43);
        using var other = new TestDisk(2 << 20, seed: 44);
        return await Boot.Run(new RunRequest
        {
            Command = Encoding.UTF8.GetBytes(command), System = system, Cpus = 2, Timeout = Boot.DefaultTimeout, Root = "disks",
            Disks = [first.Attached(DiskKind.Nvme) with { FurtherNamespaces = [second.FilePath, third.FilePath] }, other.Attached(DiskKind.Nvme)],
        });
    }
}
