using System.Diagnostics;
using System.Text;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests;

/// <summary>ROOT on both systems: a directory, a tar file and Debian's packages.</summary>
public sealed class RootSourceTests : IDisposable
{
    private const string Look =
        "cat /etc/motd; stat -c '%A %u %g %h %Y' /bin/tool /etc/motd; readlink /sbin; [ /bin/tool -ef /usr/bin/second ] && echo same; /sbin/tool; " +
        "ls -ld /run/session";

    private readonly string directory = Directory.CreateTempSubdirectory("root-source-").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public async Task A_tar_file_is_a_root_with_its_owners_links_and_times()
    {
        await MakeTree();
        await Shell("tar -czf ../$(basename $PWD).tar.gz --owner=1000 --group=1001 -C tree .");
        string tar = directory + ".tar.gz";
        try
        {
            await SameAsLinux(tar, Look, "-rwxr-xr-x 1000 1001 2 1000000000");
        }
        finally
        {
            File.Delete(tar);
        }
    }

    [Fact]
    public async Task A_directory_is_a_root_and_an_overlay_goes_onto_it()
    {
        await MakeTree();
        await Shell("mkdir -p overlay/bin; printf '#!/bin/sh\\necho over\\n' >overlay/bin/over; chmod +x overlay/bin/over");
        await SameAsLinux(Path.Combine(directory, "tree"), Look + "; over; readlink /bin; ls /usr/bin/over", "over\nusr/bin\n/usr/bin/over",
            Path.Combine(directory, "overlay"));
    }

    [Fact]
    public async Task Debians_packages_are_a_root_with_its_own_dynamically_linked_shell()
    {
        BootAnswer answer = await Boot.Run(new RunRequest
        {
            Root = "debian",
            Command = ("cat /etc/debian_version; readlink -f /bin/sh /usr/bin/awk; bash -c 'echo $BASH'; perl -e 'print 6*7, chr 10'; "u8
                + "ls -l /etc/shadow | cut -c1-24; id -un"u8).ToArray(),
            Timeout = Boot.DefaultTimeout,
        });
        Assert.True(answer.ExitStatus == 0, answer.Describe("microkernel"));
        Assert.Matches("^12[.].*\n/usr/bin/dash\n/usr/bin/mawk\n/usr/bin/bash\n42\n-rw-r----- 1 root shadow\nroot\n$", answer.Text);
    }

    // Static busybox makes a small tree that runs on both; usr is merged as Debian's is.
    private Task MakeTree() => Shell(
        """
        mkdir -p tree/usr/bin tree/etc; cd tree
        cp /bin/busybox usr/bin/busybox; ln -s usr/bin bin; ln -s usr/bin sbin
        for applet in sh cat stat readlink ls echo; do ln -s busybox usr/bin/$applet; done
        printf '#!/bin/sh\necho tool\n' >usr/bin/tool; chmod 755 usr/bin/tool; ln usr/bin/tool usr/bin/second
        echo hello >etc/motd; echo root:x:0:0::/root:/bin/sh >etc/passwd
        touch -d @1000000000 usr/bin/tool etc/motd
        """);

    private static async Task SameAsLinux(string root, string command, string expected, string? overlay = null)
    {
        BootAnswer[] answers = await Task.WhenAll(Run(TargetSystem.Microkernel), Run(TargetSystem.Linux));
        Assert.True(answers[0].ExitStatus == 0 && answers[0].Text.Contains(expected, StringComparison.Ordinal), answers[0].Describe("microkernel"));
        Assert.True(answers[0].Text == answers[1].Text, answers[0].Describe("microkernel") + answers[1].Describe("Linux"));

        Task<BootAnswer> Run(TargetSystem system) => Boot.Run(new RunRequest
        {
            Root = root, Overlay = overlay, System = system, Command = Encoding.UTF8.GetBytes(command), Timeout = Boot.DefaultTimeout,
        });
    }

    private async Task Shell(string script)
    {
        using Process shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-ec", script]) { WorkingDirectory = directory })!;
        await shell.WaitForExitAsync();
        Assert.Equal(0, shell.ExitCode);
    }
}
