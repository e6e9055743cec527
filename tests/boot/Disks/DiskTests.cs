using System.Text;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Disks;

/// <summary>Disks of virtio and of NVMe as block devices: Linux gets the same disk, answers the same commands, and leaves the same bytes.</summary>
public sealed class DiskTests
{
    private const long Length = 24 << 20;

    // Where the nodes of drivers are, here and on Linux, whose driver of NVMe finds its disks after programs have begun.
    private static string Begin(DiskKind kind, int disks = 2)
    {
        (string first, string second) = kind == DiskKind.Virtio ? ("vda", "vdb") : ("nvme0n1", "nvme1n1");
        return $"mount -t devtmpfs none /dev; a={first}; b={second}; until [ -b /dev/$a -a -b /dev/{(disks > 1 ? "$b" : "$a")} ]; do sleep 0.1; done\n";
    }

    // Bytes come from the second disk, so that both systems write the same. Numbers of NVMe are those of the order in which Linux finds the disks, at once.
    private const string ReadsAndWrites =
        """
        for d in $a $b; do stat -c '%A %h %U %G %t %n' /dev/$d; [ $a = vda ] && stat -c %T /dev/$d; done
        for d in $a $b; do readlink -f /sys/class/block/$d; done
        for d in $a $b; do for o in getsize64 getsz getss getbsz getro; do echo $d $o $(blockdev --$o /dev/$d); done; done
        sha256sum </dev/$a; sha256sum </dev/$b
        dd if=/dev/$b of=/dev/$a bs=64k count=100 conv=notrunc,fsync 2>&1 | head -n 2
        dd if=/dev/$b of=/dev/$a bs=1000 skip=3 seek=12345 count=77 conv=notrunc 2>&1 | head -n 2
        dd if=/dev/$a bs=4k count=2000 2>/dev/null | sha256sum
        printf x | dd of=/dev/$a bs=1 seek=25165823 conv=notrunc 2>&1 | head -n 2
        printf xy | dd of=/dev/$a bs=2 seek=12582912 conv=notrunc 2>&1 | head -n 3
        dd if=/dev/$a bs=1 skip=25165820 2>/dev/null | od -An -tx1
        printf x | dd of=/dev/$b conv=notrunc 2>&1 | head -n 2
        mknod /tmp/none b 254 200; cat /tmp/none
        mknod /tmp/same b $((0x$(stat -c %t /dev/$a))) $((0x$(stat -c %T /dev/$a))); dd if=/tmp/same bs=1k count=9 2>/dev/null | sha256sum
        sync; echo end
        """;

    [Theory]
    [InlineData(DiskKind.Virtio, 1)]
    [InlineData(DiskKind.Virtio, 2)]
    [InlineData(DiskKind.Nvme, 2)]
    public async Task Disks_are_read_and_written_as_on_Linux(DiskKind kind, int cpus)
    {
        (BootAnswer here, string hashHere) = await Run(TargetSystem.Microkernel, kind, cpus);
        (BootAnswer linux, string hashLinux) = await Run(TargetSystem.Linux, kind, 2);
        Assert.True(here.Failure is null && linux.Failure is null, here.Describe("microkernel") + linux.Describe("Linux"));
        Assert.Equal(linux.Text, here.Text);
        Assert.Equal(hashLinux, hashHere);
        Assert.EndsWith("end\n", here.Text, StringComparison.Ordinal);
    }

    /// <summary>The same commands make partitions on both systems, by Debian's tools, which read the tables again and show what there is.</summary>
    [Theory]
    [InlineData(DiskKind.Virtio)]
    [InlineData(DiskKind.Nvme)]
    public async Task Partitions_are_made_and_shown_as_on_Linux(DiskKind kind)
    {
        // Linux gives numbers of NVMe that have gone out again when nobody can look them up any more, which may be behind the next partition: the node, sysfs
        // and /proc have to agree about them, and nothing else.
        const string command =
            """
            case $a in nvme*) p=${a}p;; *) p=$a;; esac
            show() { if [ $p = $a ]; then look; else look | hide; fi; }
            hide() { sed -E 's/259:[0-9]+ */259:N /; s/^ 259 +[0-9]+/ 259 N/; s/(MINOR=|p[0-9] 103 )[0-9a-f]+/\1N/'; }
            look() {
                cat /proc/partitions; lsblk; lsblk -n -o NAME,MAJ:MIN,SIZE,RO,RM,TYPE,PHY-SEC,LOG-SEC,ROTA,MIN-IO,OPT-IO,DISC-GRAN,RA,ZONED
                for d in /dev/$a?*; do
                    stat -c '%n %t %T %a %F' $d; blkid $d | cut -d' ' -f1; n=$(cat /sys/class/block/${d#/dev/}/dev)
                    [ $n = $((0x$(stat -c %t $d))):$((0x$(stat -c %T $d))) ] && grep -q "^ *${n%:*} *${n#*:} .* ${d#/dev/}$" /proc/partitions && echo agreed
                    readlink /sys/class/block/${d#/dev/} /sys/dev/block/$n; readlink -f /sys/dev/block/$n
                done
                fdisk -l /dev/$a | grep -v -i -e identifier -e model
                for d in /sys/class/block/$a?*; do for f in dev size start partition ro uevent; do echo $f $(cat $d/$f); done; done
            }
            for f in range ext_range queue/rotational queue/optimal_io_size queue/write_cache; do echo $f $(cat /sys/block/$a/$f); done
            printf 'label: gpt\nsize=10M\nsize=5M\n' | sfdisk -q /dev/$a; show
            (exec 3</dev/${p}2; blockdev --rereadpt /dev/$a 2>&1); blockdev --rereadpt /dev/${p}1 2>&1; blockdev --rereadpt /dev/$a; echo $?
            printf 'label: dos\nsize=4M\nsize=20M,type=5\nsize=3M\nsize=3M\nsize=1M,type=b\n' | sfdisk -q /dev/$a; show
            printf x | dd of=/dev/${p}5 bs=1 seek=77 conv=notrunc,fsync 2>/dev/null
            cmp -n 1048576 /dev/${p}5 /dev/$a 0 $(($(cat /sys/class/block/${p}5/start) * 512)) && echo same
            hdparm -g /dev/${p}5; blockdev --getioopt /dev/$a
            dd if=/dev/zero of=/dev/$a bs=512 count=1 conv=fsync 2>/dev/null; blockdev --rereadpt /dev/$a; show
            """;
        BootAnswer here = await Ask(TargetSystem.Microkernel), linux = await Ask(TargetSystem.Linux);
        Assert.True(here.Failure is null && linux.Failure is null, here.Describe("microkernel") + linux.Describe("Linux"));
        Assert.Equal(linux.Text, here.Text);
        Assert.Contains(kind == DiskKind.Virtio ? "`-vda5" : "`-nvme0n1p5", here.Text, StringComparison.Ordinal);
        // Both partitions of the GPT, and five of the MBR, one of them extended.
        Assert.Equal(7, here.Text.Split('\n').Count(static line => line == "agreed"));

        async Task<BootAnswer> Ask(TargetSystem system)
        {
            using var disk = new TestDisk(40 << 20, seed: 6);
            return await Boot.Run(Request(Begin(kind, disks: 1) + command, system, 2) with { Root = "disks", Disks = [disk.Attached(kind)] });
        }
    }

    [Fact]
    public async Task Lspci_and_sysfs_tell_of_the_bus_what_Linux_does()
    {
        const string command =
            """
            lspci; lspci -n; lspci -v | grep -v -e IRQ -e Kernel -e Flags
            cd /sys/bus/pci/devices; ls; for d in *; do for f in vendor device class revision subsystem_vendor subsystem_device modalias resource numa_node
            do echo "$d $f $(cat $d/$f)"; done; readlink $d $d/subsystem; wc -c <$d/config; od -An -tx1 -N 4 $d/config; done
            """;
        using var disk = new TestDisk(1 << 20, seed: 1);
        RunRequest request = Request(command, TargetSystem.Microkernel, 2) with { Root = "disks", Disks = [disk.Attached(DiskKind.Virtio)] };
        BootAnswer here = await Boot.Run(request);
        BootAnswer linux = await Boot.Run(request with { System = TargetSystem.Linux });
        Assert.True(here.Failure is null && linux.Failure is null, here.Describe("microkernel") + linux.Describe("Linux"));
        Assert.Equal(linux.Text, here.Text);
        Assert.Contains("SCSI storage controller: Red Hat, Inc. Virtio 1.0 block device", here.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_root_reads_all_of_the_configuration_space_and_nobody_writes_it()
    {
        BootAnswer answer = await Boot.Run(
            """
            c=/sys/bus/pci/devices/0000:00:00.0/config; wc -c <$c; su -s /bin/sh nobody -c "wc -c <$c"; echo x >$c; echo $?
            """, TargetSystem.Microkernel);
        Assert.True(answer.Failure is null, answer.Describe("microkernel"));
        Assert.Equal(["256", "64"], answer.Text.Split('\n')[..2]);
        Assert.EndsWith("\n1\n", answer.Text, StringComparison.Ordinal);
    }

    /// <summary>
    /// The driver of a disk that is written and read is made to fail, and the pci server in between: the programs are told of nothing, and each byte is there.
    /// All ways to fail are <see cref="DriverFaultTests"/>' matter.
    /// </summary>
    [Theory]
    [InlineData(DiskKind.Virtio, "crash", 1)]
    [InlineData(DiskKind.Nvme, "exit", 2)]
    public async Task Programs_notice_nothing_of_the_end_of_the_driver(DiskKind kind, string fault, int cpus)
    {
        const int rounds = 4;
        using var disk = new TestDisk(Length, seed: 2);
        using var source = new TestDisk(8 << 20, seed: 3);
        // A fault is asked for until it has happened: a server that is not running cannot commit one.
        BootAnswer answer = await Boot.Run(Request(
            Begin(kind) + $$"""
            s=/sys/servers/{{(kind == DiskKind.Virtio ? "virtio-blk" : "nvme")}}; p=/sys/servers/pci
            fault() {
                want=$(($(cat $s/restarts) + 1)); [ $1 = 2 ] && echo crash >$p/inject
                until [ "$(cat $s/restarts)" -ge $want ]; do echo {{fault}} >$s/inject; sleep 1; done 2>/dev/null
                until [ "$(cat $s/state)" = running ]; do :; done
            }
            for round in {{string.Join(' ', Enumerable.Range(1, rounds))}}; do
                fault $round & dd if=/dev/$b of=/dev/$a bs=64k seek=$((round * 8)) conv=notrunc,fsync 2>/tmp/errors || cat /tmp/errors
                cmp -n 8388608 /dev/$b /dev/$a 0 $((round * 524288)) || echo different
                wait
            done
            [ $(cat $s/restarts) -ge {{rounds}} ] && echo restarted; cat $p/restarts; sync; echo end
            """, TargetSystem.Microkernel, cpus) with { Disks = [disk.Attached(kind), source.Attached(kind, isReadOnly: true)] });
        Assert.True(answer.Failure is null, answer.Describe("microkernel"));
        Assert.Equal("restarted\n1\nend\n", answer.Text);
        byte[] written = File.ReadAllBytes(disk.FilePath), bytes = File.ReadAllBytes(source.FilePath);
        Assert.True(written.AsSpan(rounds * 8 * 65536, bytes.Length).SequenceEqual(bytes), "the disk has other bytes than were written and synchronised");
    }

    private static async Task<(BootAnswer Answer, string Hash)> Run(TargetSystem system, DiskKind kind, int cpus)
    {
        using var disk = new TestDisk(Length, seed: 4);
        using var source = new TestDisk(8 << 20, seed: 5);
        RunRequest request = Request(Begin(kind) + ReadsAndWrites, system, cpus);
        BootAnswer answer = await Boot.Run(request with { Disks = [disk.Attached(kind), source.Attached(kind, isReadOnly: true)] });
        return (answer, disk.Hash);
    }

    private static RunRequest Request(string command, TargetSystem system, int cpus) =>
        new() { Command = Encoding.UTF8.GetBytes(command), System = system, Cpus = cpus, Timeout = Boot.DefaultTimeout };
}
