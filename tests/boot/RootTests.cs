using System.Diagnostics;

namespace Microkernel.Boot.Tests;

/// <summary>What an overlay may hold, on both systems. Link counts of symbolic links are not compared: Linux' initramfs does not link these.</summary>
public sealed class RootTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("root-").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Theory]
    [InlineData("a/f", "z/f")]
    [InlineData("z/f", "a/f")]
    public async Task Hard_links_are_one_file_whichever_name_comes_first(string first, string second)
    {
        await Shell($"mkdir a z; echo data >{first}; ln {first} {second}; ln -s nowhere link; ln link z/link; mkfifo a/p; ln a/p z/p");
        await LinuxOracle.SameAsLinux(
            "cat /a/f /z/f; stat -c '%h %a' /a/f /z/f /a/p; stat -c '%N' /link /z/link; [ /a/f -ef /z/f ] && echo same; echo more >>/a/f; cat /z/f; rm /a/f; " +
            "cat /z/f; stat -c %h /z/f",
            cpus: 2, directory);
    }

    [Fact]
    public async Task A_merged_usr_replaces_the_roots_directories()
    {
        await Shell("mkdir -p usr/bin usr/sbin usr/lib; ln -s usr/bin bin; ln -s usr/sbin sbin; ln -s usr/lib lib; " +
            "printf '#!/bin/sh\\necho mine $0\\n' >usr/bin/mine; chmod +x usr/bin/mine");
        await LinuxOracle.SameAsLinux("/bin/mine; mine; readlink /bin /sbin /lib; which ls mine; ls -1 /usr/bin | wc -l; wc -c </lib/terminfo/x/xterm",
            cpus: 2, directory);
    }

    [Fact]
    public async Task Device_nodes_are_taken()
    {
        // Only root may make them, mknod(2).
        if (!Environment.IsPrivilegedProcess)
            return;
        await Shell("mknod zero2 c 1 5; mknod disk b 259 300; chmod 640 disk");
        await LinuxOracle.SameAsLinux("stat -c '%F %t %T %a' /zero2 /disk; head -c 3 /zero2 | od -c", cpus: 2, directory);
    }

    private async Task Shell(string script)
    {
        using Process shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-ec", script]) { WorkingDirectory = directory })!;
        await shell.WaitForExitAsync();
        Assert.Equal(0, shell.ExitCode);
    }
}
