using System.Text;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Disks;

/// <summary>Linux makes a file system and fills it; both systems mount it read-only, and everything that programs can see is the same.</summary>
public sealed class Ext4BootTests
{
    // Large and small files, holes, many names, links, devices, long names and attributes, times beyond 2038, what is unwritten.
    private const string Fill =
        """
        cd /mnt; mkdir -p a/b/c many deep; seq 200000 >a/numbers; cp /bin/bash a/b/program; ln a/numbers a/second; ln -s ../numbers a/b/link
        ln -s $(printf '%0300d' 7 | tr 0 x) a/long-link
        mkfifo a/fifo; mknod a/device c 1 3; mknod a/block b 254 3;
        chmod 6755 a/b/program; chown 12:34 a/numbers
        i=0; while [ $i -lt 1000 ]; do i=$((i + 1)); echo $i >many/a-name-that-is-not-short-$i; done; rm many/*77
        truncate -s 5G sparse; printf end | dd of=sparse bs=1 seek=3000000000 conv=notrunc 2>/dev/null; fallocate -l 3M unwritten
        fallocate -p -o 8192 -l 16384 a/numbers
        touch -d '2040-02-03 04:05:06' a/b/c/late; touch -d '1960-02-03' a/b/c/early; d=deep
        for n in 1 2 3 4 5 6 7 8; do d=$d/$n; mkdir $d; echo $n >$d/f; done
        printf '%0250d' 1 | xargs -I{} touch a/{}; cd /; umount /mnt
        """;

    private const string Look =
        """
        cd /mnt; find . -printf '%p %y %m %n %U %G %s %b %T@ %C@ %l\n' | sort; stat -c '%n %t %T %B %o' a/device a/block a/fifo a/numbers
        find . -type f ! -name sparse | sort | xargs sha256sum | sha256sum; dd if=sparse bs=1M skip=2860 count=3 2>/dev/null | sha256sum
        readlink a/b/link; readlink a/long-link | wc -c; ls many | wc -l; ls -U many | sort | sha256sum; cat many/a-name-that-is-not-short-234 2>&1
        ls many/none 2>&1; cat a/device; a/b/program -c 'echo runs'; cmp a/numbers a/second; touch a/x 2>&1; rm a/fifo 2>&1
        stat -f -c '%T %s %S %b %f %a %c %d %l' /mnt; grep /mnt /proc/mounts; cd /; umount /mnt; echo $?
        """;

    [Theory]
    [InlineData("-t ext4")]
    [InlineData("-t ext4 -b 1024 -O ^metadata_csum,^64bit,inline_data,meta_bg,^resize_inode")]
    [InlineData("-t ext2 -O ^dir_index")]
    public async Task What_Linux_has_written_is_read_as_Linux_reads_it(string options)
    {
        using var disk = new TestDisk(48 << 20, seed: 7);
        string type = options.Split(' ')[1];
        string make = $"mke2fs -q -F {options} /dev/vda && mount -t {type} /dev/vda /mnt && {{\n{Fill}\n}}; echo made $?";
        BootAnswer made = await Run(make, TargetSystem.Linux, disk);
        Assert.True(made.Failure is null && made.Text.EndsWith("made 0\n", StringComparison.Ordinal), made.Describe("Linux"));
        string before = disk.Hash;
        string look = $"mount -t {type} -o ro /dev/vda /mnt; {Look}";
        BootAnswer linux = await Run(look, TargetSystem.Linux, disk), here = await Run(look, TargetSystem.Microkernel, disk);
        Assert.True(here.Failure is null && linux.Failure is null, here.Describe("microkernel") + linux.Describe("Linux"));
        Assert.Equal(linux.Text, here.Text);
        Assert.Equal(before, disk.Hash);
    }

    private static Task<BootAnswer> Run(string command, TargetSystem system, TestDisk disk) => Boot.Run(new RunRequest
    {
        Command = Encoding.UTF8.GetBytes("mount -t devtmpfs none /dev\n" + command), System = system, Cpus = 2, Root = "disks",
        Disks = [disk.Attached(DiskKind.Virtio)], Timeout = Boot.DefaultTimeout,
    });
}
