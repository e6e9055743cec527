namespace Microkernel.Boot.Tests.Files;

/// <summary>mount(2) with MS_REMOUNT: a file system becomes read-only when nobody may write to its files, through any of its mounts.</summary>
public sealed class RemountTests
{
    private const string Make = "mkdir /m /b; mount -t tmpfs none /m; exec 2>&1; ro() { mount -o remount,ro $1 && echo ro $1; mount -o remount,rw /m; }; ";

    [Theory]
    [InlineData("exec 3>/m/f; ro /m; echo text >&3; exec 3>&-; ro /m; cat /m/f")] // a file open for writing, and closed again
    [InlineData("echo text >/m/f; exec 3</m/f; ro /m; exec 4<>/m/f; ro /m; exec 3<&-; ro /m; exec 4<&-; ro /m")] // readers do not count
    [InlineData("mkfifo /m/p; exec 3<>/m/p; ro /m")] // what is no file of the file system does not count
    [InlineData("mount --bind /m /b; exec 3>/b/f; ro /m; mount -o remount,bind,ro /m && echo m; mount -o remount,bind,ro /b && echo b; exec 3>&-; " +
        "mount -o remount,bind,ro /b && echo b; echo x >/b/f; echo y >/m/g; ls /b")] // through another mount of it
    [InlineData("exec 3>/m/f; (exec 4>&3; exec 3>&-; ro /m); exec 3>&-; ro /m; sleep 1000 >/m/f & sleep 1; ro /m; kill $!; wait $!; ro /m")] // inherited
    [InlineData("exec 3>/m/f; mount -o remount,ro /m; echo $?; echo more >/m/g && cat /m/g")] // it stays as it is
    public Task A_file_that_may_be_written_keeps_its_file_system_from_becoming_read_only(string command) => LinuxOracle.SameAsLinux(Make + command, cpus: 2);
}
