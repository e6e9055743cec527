using System.Diagnostics;
using System.Text;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Disks;

/// <summary>ISO 9660 and FAT on a disk: both systems show the same.</summary>
public sealed class VolumeBootTests
{
    private const string Sums = "find . -type f | LC_ALL=C sort | xargs -d '\\n' sha256sum | sha256sum; ";

    private const string Ends = "stat -f -c '%T %s %S %b %f %a %c %d' /mnt; grep /mnt /proc/mounts; (touch x; rm -r sub; cat none; cd none) 2>&1; "
        + "cd /; umount /mnt; echo $?";

    // Inode numbers too, which are made of places.
    private const string LookAtDisc = "cd /mnt; find . -printf '%p %y %m %n %U %G %s %b %i %T@ %A@ %C@ %l\\n' | LC_ALL=C sort; ls -f sub; "
        + "stat -c '%o %t %T' . sub/text; " + Sums + Ends;

    private const string LookAtFat = "cd /mnt; find . -printf '%p %y %m %n %U %G %s %b %T@ %A@ %C@\\n' | LC_ALL=C sort; ls -f sub; stat -c %o . sub/text; "
        + "cat SUB/TEXT LONGNA~1/short 2>&1; " + Sums + Ends;

    [Theory]
    [InlineData("genisoimage -quiet -R -J", "")]
    [InlineData("genisoimage -quiet -R -J", "uid=7,gid=8,mode=0600,dmode=0711,overriderockperm")]
    [InlineData("genisoimage -quiet -R -J", "norock")]
    [InlineData("genisoimage -quiet -R -J", "norock,uid=7,gid=8,mode=0640,dmode=0751,check=strict")]
    [InlineData("genisoimage -quiet -U", "")]
    [InlineData("genisoimage -quiet -U", "map=off")]
    [InlineData("xorriso -as mkisofs -quiet -R", "")]
    public async Task A_disc_is_what_it_is_on_Linux(string tool, string options)
    {
        using var disk = new TestDisk(8 << 20, seed: 1);
        string folder = MakeFolder(hasLinks: true);
        string image = folder + ".iso";
        Host(tool.Split(' ')[0], [.. tool.Split(' ')[1..], "-o", image, folder]);
        File.Move(image, disk.FilePath, overwrite: true);
        Directory.Delete(folder, recursive: true);
        await Same(disk, $"mount -t iso9660 -o ro{(options.Length > 0 ? "," : "")}{options} /dev/vda /mnt; {LookAtDisc}");
    }

    [Theory]
    [InlineData("-F 12", "")]
    [InlineData("-F 16 -s 2", "uid=7,gid=8,fmask=0137,dmask=0027,shortname=win95,tz=UTC,showexec")]
    [InlineData("-F 32 -s 1", "utf8=0,iocharset=iso8859-1,umask=077,time_offset=-60,check=strict")]
    public async Task A_FAT_is_what_it_is_on_Linux(string options, string mount)
    {
        using var disk = new TestDisk((options.StartsWith("-F 12", StringComparison.Ordinal) ? 4 : 40) << 20, seed: 2);
        string folder = MakeFolder(hasLinks: false);
        Host("mkfs.vfat", [.. options.Split(' '), disk.FilePath]);
        Host("mcopy", ["-i", disk.FilePath, "-s", "-m", "-Q", .. Directory.EnumerateFileSystemEntries(folder).Order(StringComparer.Ordinal), "::/"]);
        Host("mattrib", ["-i", disk.FilePath, "+r", "::/sub/text"]);
        Directory.Delete(folder, recursive: true);
        await Same(disk, $"mount -t vfat -o ro{(mount.Length > 0 ? "," : "")}{mount} /dev/vda /mnt; {LookAtFat}");
    }

    private static async Task Same(TestDisk disk, string command)
    {
        string before = disk.Hash;
        BootAnswer linux = await Run(command, TargetSystem.Linux, disk), here = await Run(command, TargetSystem.Microkernel, disk);
        Assert.True(here.Failure is null && linux.Failure is null, here.Describe("microkernel") + linux.Describe("Linux"));
        Assert.Equal(linux.Text, here.Text);
        Assert.Equal(before, disk.Hash);
    }

    private static string MakeFolder(bool hasLinks)
    {
        string folder = Directory.CreateTempSubdirectory("volume-").FullName;
        string deep = folder + (hasLinks ? "/1/2/3/4/5/6/7/8/9/10" : "/1/2/3/4");
        Directory.CreateDirectory(deep);
        Directory.CreateDirectory(folder + "/sub");
        Directory.CreateDirectory(folder + "/long name of a directory");
        File.WriteAllText(deep + "/file", "far below");
        File.WriteAllText(folder + "/sub/text", "a text\n");
        File.WriteAllText(folder + "/sub/EMPTY", "");
        File.WriteAllText(folder + "/long name of a directory/short", "short\n");
        File.WriteAllText(folder + "/long name of a directory/naïve ünïcode ß.Text", "letters\n");
        File.WriteAllText(folder + "/tool.exe", new string('t', 70_000));
        for (int number = 0; number < 150; number++)
            File.WriteAllText($"{folder}/sub/{new string('n', number % 40)}{number}.txt", $"number {number}\n");
        File.SetLastWriteTimeUtc(folder + "/sub/text", new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc));
        if (!hasLinks)
            return folder;
        File.CreateSymbolicLink(folder + "/link", "sub/../sub/text");
        File.CreateSymbolicLink(folder + "/absolute", "/" + new string('l', 200) + "/" + new string('m', 100));
        File.SetUnixFileMode(folder + "/tool.exe", (UnixFileMode)0x9E8); // 04750
        return folder;
    }

    private static void Host(string tool, string[] arguments)
    {
        string path = File.Exists("/usr/sbin/" + tool) ? "/usr/sbin/" + tool : "/usr/bin/" + tool;
        var start = new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        (start.Environment["LC_ALL"], start.Environment["TZ"]) = ("C.UTF-8", "UTC");
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd() + errors.GetAwaiter().GetResult();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{tool} {string.Join(' ', arguments)}: {process.ExitCode}\n{output}");
    }

    private static Task<BootAnswer> Run(string command, TargetSystem system, TestDisk disk) => Boot.Run(new RunRequest
    {
        Command = Encoding.UTF8.GetBytes("mount -t devtmpfs none /dev\n" + command), System = system, Cpus = 2, Root = "disks",
        Disks = [disk.Attached(DiskKind.Virtio)], Timeout = Boot.DefaultTimeout,
    });
}
