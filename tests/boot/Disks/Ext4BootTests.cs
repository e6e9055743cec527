using System.Diagnostics;
using System.Text;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Disks;

/// <summary>What one system writes the other reads, and everything that programs can see is the same.</summary>
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

    // What programs do to files, with names and lengths that do not depend on the system. Times are set where they are compared.
    private const string Write =
        """
        cd /mnt; cp -a /etc etc; cp -a /var/lib/dpkg dpkg; tar --sort=name --mtime=@0 -cf all.tar etc; mkdir out; tar xf all.tar -C out
        diff -r --no-dereference etc out/etc && echo same
        dd if=/dev/zero of=zeros bs=64k count=40 conv=fsync 2>/dev/null; dd if=all.tar of=part bs=1000 skip=3 seek=77 count=99 conv=fsync 2>/dev/null
        truncate -s 300M sparse; printf end | dd of=sparse bs=1 seek=200000000 conv=notrunc 2>/dev/null; truncate -s 5000 zeros
        fallocate -l 1M room; fallocate -p -o 4096 -l 8192 all.tar; fallocate -z -o 100 -l 50000 -n part
        cp all.tar shifted; fallocate -c -o 8192 -l 12288 shifted; fallocate -i -o 4096 -l 8192 shifted
        fallocate -c -o 1 -l 4096 shifted 2>/dev/null || echo no; cp --sparse=always sparse copy
        mkdir many; i=0; while [ $i -lt 700 ]; do i=$((i + 1)); : >many/a-name-that-is-long-enough-for-an-index-$i; done; rm many/*7
        mv dpkg/info many/; mv out/etc etc/inner; rm -r dpkg; ln etc/passwd second; ln -s etc/passwd link; ln -s $(printf '%0200d' 7) long
        chmod 4751 part; chown 12:34 part; mkfifo fifo; mknod dev c 1 3; echo x >>etc/passwd; mv -T many/info moved; mv part etc/hostname
        exec 3>open; rm open; echo kept >&3; exec 3>&-; sed -i s/root/boot/ etc/group; sync; ls many/*7 2>/dev/null | wc -l; cat etc/hostname | wc -c
        stat -f -c %T /mnt; cd /; umount /mnt; echo $?
        """;

    private const string Tree =
        """
        cd /mnt; find . -path ./lost+found -prune -o -printf '%p %y %m %n %U %G %l' \( -type f -printf ' %s' -o -true \) -printf '\n' | sort
        find . -type f | sort | xargs -d '\n' sha256sum; stat -c '%n %t %T' dev; cd /; umount /mnt; echo $?
        """;

    [Theory]
    [InlineData("-t ext4")]
    [InlineData("-t ext4 -b 1024 -O ^metadata_csum,^64bit")]
    [InlineData("-t ext4 -b 2048 -O orphan_file,metadata_csum_seed")]
    public async Task What_is_written_here_is_whole_and_read_by_Linux(string options)
    {
        using var disk = new TestDisk(96 << 20, seed: 8);
        Host("mke2fs", $"-q -F {options} {disk.FilePath}");
        BootAnswer written = await Run($"mount -t ext4 /dev/vda /mnt; {Write}", TargetSystem.Microkernel, disk);
        Assert.True(written.Failure is null && written.Text.EndsWith("\n0\n", StringComparison.Ordinal), written.Describe("microkernel"));
        Host("e2fsck", $"-fn {disk.FilePath}");
        BootAnswer linux = await Run($"mount -t ext4 /dev/vda /mnt; {Tree}", TargetSystem.Linux, disk);
        BootAnswer here = await Run($"mount -t ext4 -o ro /dev/vda /mnt; {Tree}", TargetSystem.Microkernel, disk);
        Assert.True(here.Failure is null && linux.Failure is null, here.Describe("microkernel") + linux.Describe("Linux"));
        Assert.Equal(linux.Text, here.Text);
        // The same commands on Linux' own file system.
        using var other = new TestDisk(96 << 20, seed: 8);
        Host("mke2fs", $"-q -F {options} {other.FilePath}");
        BootAnswer oracle = await Run($"mount -t ext4 /dev/vda /mnt; {Write}\nmount -t ext4 /dev/vda /mnt; {Tree}", TargetSystem.Linux, other);
        Assert.Equal(oracle.Text, written.Text + linux.Text);
    }

    /// <summary>The driver ends in each way while files are written: nobody is told, and the file system is whole.</summary>
    [Theory]
    [InlineData("crash")]
    [InlineData("hang")]
    public async Task Nothing_is_noticed_of_the_end_of_the_driver_while_files_are_written(string fault)
    {
        using var disk = new TestDisk(64 << 20, seed: 9);
        Host("mke2fs", $"-q -F -t ext4 {disk.FilePath}");
        BootAnswer answer = await Run(
            $$"""
            mount -t ext4 /dev/vda /mnt; s=/sys/servers/virtio-blk; cd /mnt
            fault() {
                want=$(($(cat $s/restarts) + 1))
                until [ "$(cat $s/restarts)" -ge $want ]; do echo {{fault}} >$s/inject; sleep 1; done 2>/dev/null
                until [ "$(cat $s/state)" = running ]; do :; done
            }
            for round in 1 2 3; do
                fault & cp -a /etc etc$round && sync && diff -r --no-dereference /etc etc$round
                dd if=/dev/urandom of=big$round bs=400k count=9 conv=fsync 2>e || cat e
                sha256sum big$round >sum$round; rm -rf etc$((round - 1)); wait
            done
            sha256sum -c --quiet sum1 sum2 sum3; [ $(cat $s/restarts) -ge 3 ] && echo restarted; rm e; ls; cd /; umount /mnt; echo $?
            """, TargetSystem.Microkernel, disk);
        Assert.True(answer.Failure is null, answer.Describe("microkernel"));
        Assert.Equal("restarted\nbig1\nbig2\nbig3\netc3\nlost+found\nsum1\nsum2\nsum3\n0\n", answer.Text);
        Host("e2fsck", $"-fn {disk.FilePath}");
    }

    // e2fsprogs of the host, which Debian has where only root looks.
    private static void Host(string tool, string arguments)
    {
        string path = File.Exists("/usr/sbin/" + tool) ? "/usr/sbin/" + tool : "/sbin/" + tool;
        using Process process = Process.Start(new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd() + errors.GetAwaiter().GetResult();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{tool} {arguments}: {process.ExitCode}\n{output}");
    }

    private static Task<BootAnswer> Run(string command, TargetSystem system, TestDisk disk) => Boot.Run(new RunRequest
    {
        Command = Encoding.UTF8.GetBytes("mount -t devtmpfs none /dev\n" + command), System = system, Cpus = 2, Root = "disks",
        Disks = [disk.Attached(DiskKind.Virtio)], Timeout = Boot.DefaultTimeout,
    });
}
