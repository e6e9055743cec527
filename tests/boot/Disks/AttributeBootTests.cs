using System.Diagnostics;
using System.Text;
using Microkernel.Image;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Disks;

/// <summary>Extended attributes: each call beside Linux, Debian's programs, and disks that one system writes and the other reads.</summary>
public sealed class AttributeBootTests
{
    private const string Tools =
        """
        cd /m; mkdir from; cd from; cp -a /etc/passwd /etc/group .; mkdir d; ln -s passwd link; mkfifo fifo; cp /bin/true program
        setfattr -n user.comment -v 'a text' passwd; setfattr -n user.empty passwd; setfattr -n trusted.bytes -v 0x00ff10 group
        setfattr -n user.long -v $(printf '%01500d' 7) passwd; setfattr -n user.of -v directory d; setfattr -h -n trusted.link -v 1 link
        setfattr -n trusted.fifo -v x fifo; setfattr -n user.no -v x fifo 2>&1
        setfattr -n security.capability -v 0x0100000200200000000000000000000000000000 program
        for n in 1 2 3 4 5 6 7 8 9; do setfattr -n user.many$n -v value-$n group; done; setfattr -x user.many5 group; setfattr -x user.none group 2>&1
        cp -a /m/from /m/copy; tar -C /m --xattrs --xattrs-include='*' --sort=name -cf /m/all.tar from; mkdir /m/out
        tar -C /m/out --xattrs --xattrs-include='*' -xf /m/all.tar; mv /m/out/from /m/moved; cp program plain; getfattr -d -m - plain
        cd /m; find copy moved | sort | while read -r f; do getfattr -h -d -m - "$f" 2>&1 | sort; done
        rm -r copy/d copy/passwd; setfattr -n user.after -v 1 moved/d; sync
        """;

    // The order of names in a directory, and of attributes of a file, is nobody's promise.
    private const string Tell =
        "cd /m; find . | sort | while read -r f; do getfattr -h -d -m - -e hex \"$f\" 2>&1 | sort; done; cd /; umount /m; echo $?";

    [Fact]
    public async Task Each_call_answers_as_on_Linux()
    {
        using var disk = new TestDisk(32 << 20, seed: 21);
        Host("mke2fs", $"-q -F -t ext4 -b 4096 {disk.FilePath}");
        const string command = "mkdir /t /m; mount -t tmpfs none /t; mount -t ext4 /dev/vda /m; python3 /attributes.py 2>&1; cd /; umount /m; echo $?";
        BootAnswer here = await Run(command, TargetSystem.Microkernel, disk);
        Host("e2fsck", $"-fn {disk.FilePath}");
        Host("mke2fs", $"-q -F -t ext4 -b 4096 {disk.FilePath}");
        BootAnswer linux = await Run(command, TargetSystem.Linux, disk);
        Assert.True(linux.Text.EndsWith("done\n0\n", StringComparison.Ordinal), linux.Describe("Linux"));
        Assert.Equal(linux.Text, here.Text);
    }

    [Theory]
    [InlineData("-b 4096")]
    [InlineData("-b 2048 -I 128 -O ^metadata_csum,^64bit")]
    public async Task What_programs_set_here_Linux_tells_and_the_other_way_round(string options)
    {
        using var disk = new TestDisk(48 << 20, seed: 22);
        const string mount = "mkdir /m; mount -t ext4 /dev/vda /m; ";
        string[] texts = new string[2];
        TargetSystem[] systems = [TargetSystem.Microkernel, TargetSystem.Linux];
        for (int writer = 0; writer < systems.Length; writer++)
        {
            Host("mke2fs", $"-q -F -t ext4 {options} {disk.FilePath}");
            BootAnswer written = await Run(mount + Tools + "\n" + Tell, systems[writer], disk);
            Assert.True(written.Failure is null && written.Text.EndsWith("\n0\n", StringComparison.Ordinal), written.Describe($"{systems[writer]}"));
            Host("e2fsck", $"-fn {disk.FilePath}");
            BootAnswer read = await Run(mount + Tell, systems[1 - writer], disk);
            Assert.EndsWith(read.Text, written.Text);
            Assert.Contains("user.comment=", read.Text);
            texts[writer] = written.Text;
        }

        Assert.Equal(texts[1], texts[0]);
    }

    /// <summary>Values of several blocks, in inodes of their own: Linux writes them, here they are read.</summary>
    [Fact]
    public async Task Large_values_that_Linux_has_written_are_read()
    {
        using var disk = new TestDisk(32 << 20, seed: 23);
        Host("mke2fs", $"-q -F -t ext4 -b 1024 -O ea_inode {disk.FilePath}");
        const string tell = "python3 -c 'import os, hashlib\n" +
            "for n in sorted(os.listxattr(\"/m/f\")): print(n, hashlib.sha256(os.getxattr(\"/m/f\", n)).hexdigest())'; umount /m";
        BootAnswer linux = await Run(
            "mkdir /m; mount -t ext4 /dev/vda /m; touch /m/f; python3 -c 'import os\n" +
            "for n in (10, 900, 5000, 61000): os.setxattr(\"/m/f\", \"user.of%d\" % n, bytes(i * n % 251 for i in range(n)))'; " + tell,
            TargetSystem.Linux, disk);
        BootAnswer here = await Run("mkdir /m; mount -t ext4 -o ro /dev/vda /m; " + tell, TargetSystem.Microkernel, disk);
        Assert.True(linux.Text.Split('\n').Length == 5, linux.Describe("Linux"));
        Assert.True(linux.Text == here.Text, here.Describe("microkernel") + linux.Describe("Linux"));
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

    private static async Task<BootAnswer> Run(string command, TargetSystem system, TestDisk disk)
    {
        string overlay = Directory.CreateTempSubdirectory("overlay-").FullName;
        try
        {
            string script = Path.Combine(RepositoryLayout.Find().Root, "tests/programs/scripts/attributes.py");
            File.Copy(script, Path.Combine(overlay, "attributes.py"));
            return await Boot.Run(new RunRequest
            {
                Command = Encoding.UTF8.GetBytes("mount -t devtmpfs none /dev\n" + command), System = system, Cpus = 2, Root = "attributes", Overlay = overlay,
                Disks = [disk.Attached(DiskKind.Virtio)], Memory = 1L << 30, Timeout = Boot.DefaultTimeout,
            });
        }
        finally
        {
            Directory.Delete(overlay, recursive: true);
        }
    }
}
