using System.Text;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Disks;

/// <summary>Files of a disk that are read without a message (docs/files-in-memory.md): the checks of tests/programs/bare/FileChecks, on an ext4.</summary>
public sealed class Ext4MemoryTests
{
    // The checks name files below their root. The long file has more than one long stretch, and is read from the front, from the back and in between.
    private const string Checks =
        """
        mount -t devtmpfs none /dev; mke2fs -q -t ext4 /dev/vda && mount -t ext4 /dev/vda /mnt && cd /mnt
        mkdir proc dev tmp; mount -t proc none proc; mount -t devtmpfs none dev; cp /FileChecks .
        for k in o r w t s; do chroot . /FileChecks $k; echo $k $?; done
        yes 0123456789abcdef | head -c 70000000 >long
        for n in 0 262143 262144 67108863 67108864 69999999; do printf X | dd of=long bs=1 seek=$n conv=notrunc 2>/dev/null; done
        sha256sum long; tac long | sha256sum; dd if=long bs=100000 skip=660 2>/dev/null | sha256sum; dd if=long bs=4k 2>/dev/null | sha256sum
        echo 3 >/proc/sys/vm/drop_caches; exec 3<long; dd bs=4k count=100 <&3 2>/dev/null | sha256sum; truncate -s 300000 long; dd bs=4k <&3 2>/dev/null | wc -c
        exec 3<&-; umount proc dev; cd /; umount /mnt; echo $?
        """;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Files_of_a_disk_are_read_in_memory_as_on_Linux(int cpus)
    {
        using var overlay = new ProgramOverlay("FileChecks");
        BootAnswer linux = await Run(TargetSystem.Linux), here = await Run(TargetSystem.Microkernel);
        Assert.True(here.Failure is null && linux.Failure is null, here.Describe("microkernel") + linux.Describe("Linux"));
        Assert.EndsWith("\n0\n", here.Text, StringComparison.Ordinal);
        Assert.Equal(linux.Text, here.Text);

        async Task<BootAnswer> Run(TargetSystem system)
        {
            using var disk = new TestDisk(200 << 20, seed: 3);
            return await Boot.Run(new RunRequest
            {
                Command = Encoding.UTF8.GetBytes(Checks), System = system, Cpus = cpus, Root = "disks", Overlay = overlay.Directory,
                Disks = [disk.Attached(DiskKind.Virtio)], Timeout = Boot.DefaultTimeout,
            });
        }
    }
}
