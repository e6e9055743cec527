namespace Microkernel.Boot.Tests.Files;

/// <summary>mount(2) with MS_REMOUNT: a file system becomes read-only when nobody may write to its files, through any of its mounts.</summary>
public sealed class RemountTests
{
    private const string Make = "mkdir /m /b; mount -t tmpfs none /m; exec 2>&1; ro() { mount -o remount,ro $1 && echo ro $1; mount -o remount,rw /m; }; ";

    // Also the child that holds a mapping.
    private const string End = "end() { for p in /proc/[0-9]*; do read c <$p/comm; [ \"$c\" != MappingChecks ] || kill ${p#/proc/}; done 2>/dev/null; "
        + "sleep 1; }; ";

    // Whether ash tells of the death of what it waits for is chance, on Linux too.
    [Theory]
    [InlineData("exec 3>/m/f; ro /m; echo text >&3; exec 3>&-; ro /m; cat /m/f")] // a file open for writing, and closed again
    [InlineData("echo text >/m/f; exec 3</m/f; ro /m; exec 4<>/m/f; ro /m; exec 3<&-; ro /m; exec 4<&-; ro /m")] // readers do not count
    [InlineData("mkfifo /m/p; exec 3<>/m/p; ro /m")] // what is no file of the file system does not count
    [InlineData("mount --bind /m /b; exec 3>/b/f; ro /m; mount -o remount,bind,ro /m && echo m; mount -o remount,bind,ro /b && echo b; exec 3>&-; " +
        "mount -o remount,bind,ro /b && echo b; echo x >/b/f; echo y >/m/g; ls /b")] // through another mount of it
    [InlineData("exec 3>/m/f; (exec 4>&3; exec 3>&-; ro /m); exec 3>&-; ro /m; sleep 1000 >/m/f & sleep 1; ro /m; kill $!; wait $! 2>/dev/null; " +
        "ro /m")] // inherited
    [InlineData("exec 3>/m/f; mount -o remount,ro /m; echo $?; echo more >/m/g && cat /m/g")] // it stays as it is
    [InlineData("echo text >/m/f; exec 3</m/f; rm /m/f; ro /m; mount --bind /m /b; mount -o remount,bind,ro /b && echo b; umount /b; exec 3<&-; ro /m")]
    [InlineData("echo text >/m/f; exec 3</m/f; ln /m/f /m/g; rm /m/f; ro /m; rm /m/g; ro /m; ln /proc/self/fd/3 /m/h 2>/dev/null; exec 3<&-; ro /m")] // unnamed
    public Task A_file_that_may_be_written_keeps_its_file_system_from_becoming_read_only(string command) => LinuxOracle.SameAsLinux(Make + command, cpus: 2);

    /// <summary>Letters: how the file is opened and mapped before its descriptor is closed, tests/programs/bare/MappingChecks/Holder.cs.</summary>
    [Theory]
    [InlineData("Wsw")]
    [InlineData("Ws")] // mprotect(2) could add it
    [InlineData("Wsm")]
    [InlineData("Rs")]
    [InlineData("Rsm")] // mprotect(2) cannot
    [InlineData("Rpw")]
    [InlineData("Wswu")] // unmapped again
    [InlineData("Wswf")] // by a fork
    public async Task A_mapping_that_can_write_keeps_it_too(string ways)
    {
        using var overlay = new ProgramOverlay("MappingChecks");
        await LinuxOracle.SameAsLinux(
            Make + End + $"head -c 4096 /dev/zero >/m/f; mount --bind /m /b; /MappingChecks {ways} & sleep 1; ro /m; mount -o remount,bind,ro /b && echo b; "
                + "mount -o remount,bind,ro /m && echo m; mount -o remount,rw /m; end; umount /b; ro /m; cat /m/f | wc -c",
            cpus: 2, overlay.Directory);
    }
}
