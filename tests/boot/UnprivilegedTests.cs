using System.Diagnostics;
using Microkernel.Image;

namespace Microkernel.Boot.Tests;

/// <summary>
/// Each kind of root is made and booted by a user without rights: where the tests run as root, by "nobody" in a copy of what the build made, else as they are.
/// </summary>
public sealed class UnprivilegedTests : IDisposable
{
    private const string Nobody = "65534"; // base-passwd: nobody and nogroup

    private readonly string directory = Directory.CreateTempSubdirectory("nobody-").FullName;

    public void Dispose() => Shell($"rm -rf {directory}");

    [Fact]
    public void Each_kind_of_root_is_made_without_rights()
    {
        // Owners and modes that nobody could give to a file, in a tree of somebody else's.
        RepositoryLayout repository = RepositoryLayout.Find();
        Shell(
            $"""
            cd {directory}
            mkdir -p project/image/Root project/.build/bin/Image tree/bin tree/etc overlay/opt
            cp {repository.Root}/Directory.Packages.props project
            cp -r {repository.Configurations} project/image; cp -r {repository.RootFiles} project/image/Root
            cp -r {repository.Build}/bin/Image/release project/.build/bin/Image
            cp -r {repository.Kernel} {repository.Servers} {repository.Symbols} project/.build
            printf 'dash\ncoreutils\n' >project/image/configs/tiny.root
            cp /bin/busybox tree/bin; for applet in sh stat cat id; do ln -s busybox tree/bin/$applet; done
            echo mine >tree/etc/file; chmod 4711 tree/bin/busybox; echo over >overlay/opt/over
            tar --owner=7 --group=8 -cf tree.tar -C tree .; tar -cf overlay.tar -C overlay .
            chmod 755 .
            """);
        if (Environment.IsPrivilegedProcess)
            Shell($"chown -R {Nobody}:{Nobody} {directory}; chown 5:6 {directory}/tree/etc/file; mknod {directory}/tree/etc/device c 1 5");
        string owner = Environment.IsPrivilegedProcess ? "5 6" : Run("id -u") + " " + Run("id -g");
        const string Look = "EXEC=id -u; cat /opt/over; stat -c \"%u %g\" /etc/file";
        Assert.Equal($"0\nover\n{owner}\n", Boot("ROOT=tree", "OVERLAY=overlay", Look));
        Assert.Equal("0\nover\n7 8\n", Boot("ROOT=tree.tar", "OVERLAY=overlay.tar", Look));
        Assert.Equal("0\nover\n", Boot("ROOT=tiny", "OVERLAY=overlay", "EXEC=id -u; cat /opt/over"));
        if (Environment.IsPrivilegedProcess)
            Assert.Equal("character special file 1 5\n", Boot("ROOT=tree", "EXEC=stat -c \"%F %t %T\" /etc/device"));
    }

    private string Boot(params string[] variables) =>
        Run($"exec project/.build/bin/Image/release/image run -- {string.Join(' ', variables.Select(variable => $"'{variable}'"))} TIMEOUT=120");

    // As nobody, if that is a step down.
    private string Run(string script)
    {
        string[] shell = ["/bin/sh", "-c", $"cd {directory}; export HOME={directory} DOTNET_CLI_HOME={directory} TMPDIR={directory}; {script}"];
        string[] all = Environment.IsPrivilegedProcess ? ["setpriv", "--reuid", Nobody, "--regid", Nobody, "--clear-groups", .. shell] : shell;
        using Process process = Process.Start(new ProcessStartInfo(all[0], all[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"status {process.ExitCode}\n{output}\n{errors.Result}");
        return script.StartsWith("exec", StringComparison.Ordinal) ? output : output.Trim();
    }

    private static void Shell(string script)
    {
        using Process shell = Process.Start("/bin/sh", ["-ec", script]);
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }
}
