using System.Diagnostics;
using Microkernel.Image;

namespace Microkernel.Boot.Tests;

/// <summary>
/// build/setup.sh on a machine without the packages, as each kind of user: apt, sudo and the rest are stand-ins that note how they are called.
/// </summary>
public sealed class SetupScriptTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("setup-").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public async Task Root_installs_by_apt()
    {
        (int status, string errors, string calls) = await Run(user: 0, sudo: "exit 1", apt: "exit 0");
        Assert.Equal(0, status);
        Assert.Matches("^setup: installing .*\\bbinutils\\b", errors);
        Assert.Matches("^apt-get .*install -y --no-install-recommends .*\\bbinutils\\b.*\\bspin\\b.*\n$", calls);
        Assert.DoesNotContain("linux-image", calls); // its scripts would change how the user's own machine boots
    }

    [Fact]
    public async Task The_reference_kernel_is_unpacked_and_not_installed_and_fetched_once()
    {
        // A project of its own, with a package in place of Debian's.
        string project = Path.Combine(directory, "project");
        string root = RepositoryLayout.Find().Root;
        string calls = Path.Combine(directory, "calls");
        await File.WriteAllTextAsync(calls, "");
        Write("apt-cache", "echo linux-image-amd64; echo '  Depends: linux-image-6.1.0-9-amd64'");
        Write("apt-get", $"echo \"apt-get $*\" >> {calls}\nmkdir -p p/DEBIAN p/boot; echo kernel >p/boot/vmlinuz-6.1.0-9-amd64\n"
            + "for f in drivers/block/a drivers/cdrom/a drivers/virtio/a drivers/nvme/host/a block/t10-pi crypto/crc32c_generic lib/crc16 fs/a \\\n"
            + "drivers/other/a\n"
            + "do mkdir -p $(dirname p/lib/modules/6.1.0-9-amd64/kernel/$f); echo module >p/lib/modules/6.1.0-9-amd64/kernel/$f.ko; done\n"
            + "printf 'Package: k\\nVersion: 1\\nArchitecture: all\\nMaintainer: m <m@m>\\nDescription: d\\n' >p/DEBIAN/control; dpkg-deb -b p . >/dev/null");
        string script = (await File.ReadAllTextAsync(Path.Combine(root, "build/linux-kernel.sh"))).Replace(" /boot/vmlinuz-6.1.*-amd64", "",
            StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Combine(project, "build"));
        await File.WriteAllTextAsync(Path.Combine(project, "build/linux-kernel.sh"), script);
        for (int run = 0; run < 2; run++)
        {
            var start = new ProcessStartInfo("bash", [Path.Combine(project, "build/linux-kernel.sh")]) { RedirectStandardError = true };
            start.Environment["PATH"] = directory + ":/usr/bin:/bin";
            using Process process = Process.Start(start)!;
            string errors = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            Assert.True(process.ExitCode == 0, errors);
        }

        string modules = Path.Combine(project, ".build/debian/lib/modules/6.1.0-9-amd64/kernel");
        Assert.Equal("module\n", await File.ReadAllTextAsync(Path.Combine(modules, "lib/crc16.ko")));
        Assert.False(Directory.Exists(Path.Combine(modules, "drivers/other")), "more than disks need is unpacked");
        Assert.Equal("kernel\n", await File.ReadAllTextAsync(Path.Combine(project, ".build/debian/boot/vmlinuz-6.1.0-9-amd64")));
        Assert.Matches("^apt-get .* download linux-image-6.1.0-9-amd64\n$", await File.ReadAllTextAsync(calls));
    }

    [Fact]
    public async Task Whoever_may_use_sudo_installs_through_it()
    {
        (int status, _, string calls) = await Run(user: 1000, sudo: "[ \"$1\" = -n ] && exit 0; exec \"$@\"", apt: "exit 0");
        Assert.Equal(0, status);
        Assert.Matches("sudo env .*apt-get .*install", calls);
        Assert.Matches("(?m)^apt-get .*install", calls);
    }

    [Fact]
    public async Task Others_are_told_the_command_and_nothing_is_installed()
    {
        (int status, string errors, string calls) = await Run(user: 1000, sudo: "exit 1", apt: "exit 0");
        Assert.Equal(1, status);
        Assert.Matches("setup: missing Debian packages. Install them with:\n    sudo apt-get install --no-install-recommends " +
            ".*\\bbinutils\\b.*\\bspin\\b.*\n$", errors);
        Assert.DoesNotContain("apt-get", calls.Replace("sudo -n true\n", ""));
    }

    [Fact]
    public async Task Stale_package_lists_are_fetched_once_and_a_second_failure_is_the_scripts()
    {
        (int status, _, string calls) = await Run(user: 0, sudo: "exit 1", apt: "case $* in *update*) exit 0 ;; esac; exit 100");
        Assert.NotEqual(0, status);
        string[] lines = calls.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, lines.Length);
        Assert.EndsWith("update", lines[1]);
    }

    private async Task<(int Status, string Errors, string Calls)> Run(int user, string sudo, string apt)
    {
        string calls = Path.Combine(directory, "calls");
        await File.WriteAllTextAsync(calls, "");
        Write("id", $"echo {user}");
        Write("dpkg-query", "exit 1");
        Write("dotnet", "exit 0");
        Write("sudo", $"echo \"sudo $*\" >> {calls}\n{sudo}");
        Write("apt-get", $"echo \"apt-get $*\" >> {calls}\n{apt}");
        var start = new ProcessStartInfo(Path.Combine(RepositoryLayout.Find().Root, "build/setup.sh")) { RedirectStandardError = true,
            RedirectStandardInput = true };
        start.Environment["PATH"] = directory + ":/usr/bin:/bin";
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        string errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, errors, await File.ReadAllTextAsync(calls));
    }

    private void Write(string name, string body)
    {
        string path = Path.Combine(directory, name);
        File.WriteAllText(path, $"#!/bin/sh\n{body}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
