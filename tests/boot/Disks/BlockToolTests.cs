using System.Text;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Disks;

/// <summary>Debian's tools that change disks and their partitions: both systems answer the same, and leave the same bytes.</summary>
public sealed class BlockToolTests
{
    private const long Length = 64 << 20;

    private const string Begin =
        """
        exec 2>&1; mount -t devtmpfs none /dev; until [ -b /dev/$a ]; do sleep 0.1; done; d=/dev/$a
        case $a in nvme*) p=${d}p;; *) p=$d;; esac
        look() { dd if=$d bs=4k iflag=skip_bytes,count_bytes skip=$1 count=$2 2>/dev/null | sha256sum; }

        """;

    /// <summary>Ranges are discarded and zeroed: what was in memory of them does not come back, and what lies beside them stays.</summary>
    [Theory]
    [InlineData("vda")]
    [InlineData("nvme0n1")]
    public Task Ranges_are_discarded_and_zeroed_as_on_Linux(string device) => Compare(device, compareBytes: true,
        """
        lsblk -D $d; for f in granularity max_bytes max_hw_bytes zeroes_data; do echo $f $(cat /sys/block/$a/queue/discard_$f); done
        cat /sys/block/$a/queue/write_zeroes_max_bytes /sys/block/$a/discard_alignment
        sha256sum <$d
        exec 3<>$d
        blkdiscard -f -v -o 1M -l 1M $d; look 1M 1M; look 0 4M
        blkdiscard -f -z -v -o 4M -l 3M $d; look 4M 3M; look 3M 6M
        dd if=/dev/urandom of=$d bs=4k seek=2600 count=20 conv=notrunc 2>/dev/null; blkdiscard -f -z -o $((2600*4096)) -l 65536 $d; look 10649600 65536
        blkdiscard -f -z -o $((40*1048576 + 512)) -l 1024 $d; look 40M 1M; blkdiscard -f -z -o $((41*1048576 + 3584)) -l 8192 $d; look 41M 1M
        blkdiscard -f -s -o 1M -l 1M $d; blkdiscard -f -o 1M -l 64M $d; look 0 1M; blkdiscard -f -o 100 -l 512 $d; blkdiscard -f -z -o 1M -l 1000 $d
        blkdiscard -f -z -o 63M -l 1M $d; blkdiscard -f -z -p 1M -v -o 50M -l 2560K $d; exec 3>&-
        chmod 666 $d; su -s /bin/bash nobody -c "blkdiscard -f -o 20M -l 4096 $d && echo discarded"
        blockdev --setro $d; blockdev --getro $d; cat /sys/block/$a/ro; blkdiscard -f -o 1M -l 4096 $d; blkdiscard -f -z -o 1M -l 4096 $d
        dd if=/dev/zero of=$d bs=512 count=1 conv=notrunc 2>&1 | head -n 1; blockdev --setrw $d; blockdev --getro $d
        blockdev --flushbufs $d; sha256sum <$d; echo end
        """);

    /// <summary>Partitions are added, deleted and resized one by one, by number, also where the disk has no table of them.</summary>
    [Theory]
    [InlineData("vda")]
    [InlineData("nvme0n1")]
    public Task Partitions_are_added_deleted_and_resized_as_on_Linux(string device) => Compare(device, compareBytes: false,
        """
        parts() { ls $d*; for f in /sys/block/$a/$a*; do echo ${f##*/} $(cat $f/start $f/size $f/partition $f/ro); done; grep -c $a /proc/partitions; }
        printf 'label: gpt\nsize=10M\nsize=5M\n' | sfdisk -q $d; parts
        partx -s -o NR,START,END,SECTORS,SIZE,NAME $d; partx -d $d; parts; partx -a -v $d; parts; partx -u $d; partx -d --nr 2 $d; parts
        addpart $d 5 100000 2000; addpart $d 6 100000 10; addpart $d 5 120000 10; addpart $d 0 100 10; addpart $d 300 100 10; addpart $d 9 100 0; parts
        resizepart $d 5 4000; parts; delpart $d 9; addpart ${p}1 1 0 8; delpart ${p}1 1
        dd if=/dev/zero of=${p}5 bs=512 seek=3999 count=2 conv=notrunc 2>&1 | head -n 2
        (exec 3<${p}5; delpart $d 5; resizepart $d 5 1000; blockdev --getsz ${p}5); blockdev --getsz ${p}5; delpart $d 5; delpart $d 5; parts
        printf x | dd of=${p}1 bs=1 seek=77 conv=notrunc 2>/dev/null; delpart $d 1; dd if=$d bs=1 skip=$((2048*512+77)) count=1 2>/dev/null; echo; parts
        wipefs $d; wipefs -a $d; wipefs $d; blkdiscard -v $d; partx -s $d
        printf 'label: dos\nlabel-id: 0x12345678\nsize=10M\nsize=5M\nsize=20M,type=5\nsize=4M\n' | sfdisk $d | grep -v -i model
        parts; sfdisk -d $d; sfdisk -V $d
        sfdisk --delete $d 2 | cat; parts; printf 'n\np\n2\n\n+2M\nw\n' | fdisk $d | grep -v -i -e model -e welcome; parts
        for o in getiomin getioopt getalignoff getpbsz getss getra getfra getdiscardzeroes; do echo $o $(blockdev --$o $d); done
        blockdev --setra 512 $d; blockdev --getra $d; blockdev --setfra 128 $d; blockdev --getfra $d; cat /sys/block/$a/queue/read_ahead_kb
        blockdev --report $d
        hdparm -i $d; hdparm -I $d; hdparm -W $d; hdparm -t --direct $d | sed 's/[0-9.]* *MB.*/N/'; hdparm -t $d | sed 's/[0-9.]* *MB.*/N/'
        chmod 666 $d; su -s /bin/bash nobody -c "blockdev --setro $d; delpart $d 1; blockdev --rereadpt $d; blockdev --setra 4 $d"; echo end
        """);

    /// <summary>Who wants a disk for himself does not get one that is mounted, or whose partition is, or that another has for himself.</summary>
    [Theory]
    [InlineData("vda")]
    public Task A_disk_that_is_in_use_is_not_destroyed_as_on_Linux(string device) => Compare(device, compareBytes: false,
        """
        printf 'label: dos\nsize=20M\nsize=20M\n' | sfdisk -q $d; mke2fs -q -F -t ext4 ${p}1; mount -t ext4 ${p}1 /mnt
        blkdiscard $d; blkdiscard ${p}1; mke2fs -F -q ${p}1 | head -n 1; wipefs -a $d; delpart $d 1; blockdev --rereadpt $d
        blkdiscard ${p}2 && echo free; umount /mnt; blkdiscard ${p}1 && echo free
        python3 -c 'print()' 2>/dev/null; perl -e '
            use Fcntl; sub try { sysopen(my $f, $_[0], O_RDONLY|O_EXCL) or do { print "$_[0] $!\n"; return }; print "$_[0] held\n"; $f }
            my $one = try($ARGV[0]); try($ARGV[0]); try($ARGV[1]); sysopen(my $plain, $ARGV[0], O_RDONLY) and print "shared\n"; undef $one;
            my $part = try($ARGV[1]); try($ARGV[0]); try($ARGV[2]); undef $part; try($ARGV[0]);' $d ${p}1 ${p}2
        echo end
        """);

    private static async Task Compare(string device, bool compareBytes, string command)
    {
        (BootAnswer here, string hashHere) = await Ask(TargetSystem.Microkernel);
        (BootAnswer linux, string hashLinux) = await Ask(TargetSystem.Linux);
        Assert.True(here.Failure is null && linux.Failure is null, here.Describe("microkernel") + linux.Describe("Linux"));
        Assert.Equal(linux.Text, here.Text);
        Assert.EndsWith("end\n", here.Text, StringComparison.Ordinal);
        if (compareBytes)
            Assert.Equal(hashLinux, hashHere);

        async Task<(BootAnswer Answer, string Hash)> Ask(TargetSystem system)
        {
            using var disk = new TestDisk(Length, seed: 31);
            BootAnswer answer = await Boot.Run(new RunRequest
            {
                Command = Encoding.UTF8.GetBytes($"a={device}\n{Begin}{command}"), System = system, Cpus = 2, Timeout = Boot.DefaultTimeout, Root = "disks",
                Disks = [disk.Attached(device == "vda" ? DiskKind.Virtio : DiskKind.Nvme)],
            });
            return (answer, disk.Hash);
        }
    }
}
