using System.Text;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Disks;

/// <summary>Directories laid over each other: the same commands show the same as on Linux, and Linux shows what was written here.</summary>
public sealed class OverlayBootTests
{
    // The layers, in the working directory. Links of directories differ where Linux has a mark for a whole directory.
    private const string Make =
        """
        exec 2>&1; mkdir first second upper work merged; mkdir -p first/d/e second/d/e second/only/deep upper/d
        echo one >first/d/one; echo two >second/d/two; echo below >second/d/one; echo up >upper/d/up; echo f >first/f; echo s >second/s
        ln -s d/one first/link; mknod first/gone c 0 0; echo gone >second/gone; mkfifo second/pipe; mknod second/null c 1 3
        seq 1 30000 >second/numbers; chmod 4751 second/numbers; chown 12:34 second/numbers
        for i in first second upper; do find $i -exec touch -h -d @1000000000 {} +; done
        show() {
            find . \( -type d -printf '%P %y %m\n' -o -printf '%P %y %m %n %U %G %s %l\n' \) | sort; find . -type f | sort | xargs sha256sum
        }
        over() { mount -t overlay over -o "$@" merged; }
        all=lowerdir=first:second,upperdir=upper,workdir=work; over $all

        """;

    private const string Change =
        """
        cd merged; show; stat -c '%h %n' d only; stat -f -c '%T' .; grep -c ' overlay ' /proc/mounts; cat gone
        echo more >>d/two; chmod 600 f; stat -c '%Y %n' d f; stat -c '%t %T' null; exec 3<numbers; echo x >>numbers; tail -n 1 <&3
        stat -c '%a %u %g' numbers; rm s d/one; rmdir d; rm -r d/e; ls d; rm -r d; ls; mkdir d; ls d; echo new >d/one
        mv f s; mv only moved; ls moved/deep; mv link d/; mkdir new; echo n >new/n; mv new d/newer; ln numbers hard; stat -c %h hard
        mv -T d/newer again; cat again/n; mknod w c 0 0; mknod n c 1 3; echo y >n; ln -s nowhere dangling; cp -a moved copied; rm -r moved
        mv hard numbers; truncate -s 5 numbers; cat numbers; sed -i s/w/W/ d/one; touch gone; ls -d gone; rm gone; echo z >gone; cat gone
        rm null pipe; mkfifo pipe; exec 3<&-; show; cat ../second/numbers | wc -l; cd ..; umount merged && echo unmounted
        over $all; cd merged; show; cd ..; umount merged
        over lowerdir=first:second; ls merged; echo x >merged/x; mount -o remount,rw merged; umount merged
        over lowerdir=first; over lowerdir=first,upperdir=upper; over lowerdir=none:first; over lowerdir=first,upperdir=upper,workdir=upper/d
        """;

    private const string Look = "over() { mount -t overlay over -o lowerdir=first:second,upperdir=upper,workdir=work merged; }; over; cd merged; "
        + "find . \\( -type d -printf '%P %y %m\\n' -o -printf '%P %y %m %n %U %G %s %l\\n' \\) | sort; find . -type f | sort | xargs sha256sum";

    [Fact]
    public async Task Layers_on_ext4_are_changed_as_on_Linux_and_Linux_reads_them()
    {
        using TestDisk ours = MakeDisk(), theirs = MakeDisk();
        string command = $"mount -t ext4 /dev/vda /mnt; cd /mnt; {Make}{Change}\ncd /; umount /mnt; echo $?";
        BootAnswer linux = await Run(command, TargetSystem.Linux, theirs), here = await Run(command, TargetSystem.Microkernel, ours);
        Assert.True(here.Failure is null && linux.Failure is null, here.Describe("microkernel") + linux.Describe("Linux"));
        Assert.Equal(linux.Text, here.Text);
        string look = $"mount -t ext4 /dev/vda /mnt; cd /mnt; {Look}";
        BootAnswer read = await Run(look, TargetSystem.Linux, ours), expected = await Run(look, TargetSystem.Linux, theirs);
        Assert.Equal(expected.Text, read.Text);
    }

    [Fact]
    public async Task Layers_in_memory_are_changed_as_on_Linux()
    {
        using TestDisk disk = MakeDisk();
        string command = $"mount -t tmpfs none /mnt; cd /mnt; {Make}{Change}";
        BootAnswer linux = await Run(command, TargetSystem.Linux, disk), here = await Run(command, TargetSystem.Microkernel, disk);
        Assert.True(here.Failure is null && linux.Failure is null, here.Describe("microkernel") + linux.Describe("Linux"));
        Assert.Equal(linux.Text, here.Text);
    }

    // Modules of Linux are there where there is a disk.
    private static TestDisk MakeDisk()
    {
        var disk = new TestDisk(32 << 20, seed: 3);
        string tool = File.Exists("/usr/sbin/mke2fs") ? "/usr/sbin/mke2fs" : "/sbin/mke2fs";
        using var process = System.Diagnostics.Process.Start(tool, ["-q", "-F", "-t", "ext4", disk.FilePath]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return disk;
    }

    private static Task<BootAnswer> Run(string command, TargetSystem system, TestDisk disk) => Boot.Run(new RunRequest
    {
        Command = Encoding.UTF8.GetBytes("mount -t devtmpfs none /dev\n" + command), System = system, Cpus = 2, Root = "disks",
        Disks = [disk.Attached(DiskKind.Virtio)], Timeout = Boot.DefaultTimeout,
    });
}
