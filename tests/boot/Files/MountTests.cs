namespace Microkernel.Boot.Tests.Files;

/// <summary>mount(2) with MS_BIND, MS_REC, MS_MOVE and what makes them private: the same trees, lists and errors as on Linux.</summary>
public sealed class MountTests
{
    private const string Make =
        """
        exec 2>&1; mkdir /m /b /c; mount -t tmpfs -o mode=755 none /m; mkdir -p /m/d/e /m/x /m/y; echo in >/m/d/file; echo top >/m/top
        own() { sed -E 's/,(size=[^ ,]*|nr_inodes=[^ ,]*|mode=755|inode64)//g'; } # of tmpfs, which is not compared here
        list() { grep -E ' /(m|b|c)' /proc/mounts | own; cut -d' ' -f4- /proc/self/mountinfo | grep -E ' /(m|b|c)[/ ]' | own; }
        """;

    [Theory]
    [InlineData("mount --bind /m/d /b; ls /b /b/..; echo more >/b/new; ls /m/d; cat /b/file; list; umount /m; umount /b; umount /b; list")] // a directory
    [InlineData("mount --bind /m/top /m/d/file; cat /m/d/file; echo x >/m/d/file; cat /m/top; mount --bind /m/d /m/top; mount --bind /m/top /m/d; " +
        "rm /m/d/file; mv /m/d/file /m/z; umount /m/d/file; rm /m/d/file; list; ls -R /m")] // a file, and what does not fit
    [InlineData("mount -t tmpfs two /m/x; mkdir /m/x/in; mount -t tmpfs three /m/x/in; mount --bind /m /b; ls /b/x; mount --rbind /m /c; ls /c/x; list; " +
        "mount --rbind /m/x /m/y; ls -R /m/y; list; umount /c; umount -l /c; list; umount /m/x")] // with all that is mounted below
    [InlineData("mount --rbind /m /m/y; ls -R /m/y; mount --rbind /m /m/x; list; touch /m/y/y/seen; ls /m/y /m/x")] // into itself
    [InlineData("mount -t tmpfs two /m/x; touch /m/x/inside; mount --move /m/x /b; ls /m/x /b; list; mount --move /b /m/y; ls /m/y; mount --move /m /m/y; " +
        "mount --move /m/d /b; mount --move / /b; mount --move /m /c; ls /c/y /m; list; mount --move /c/y /c/top; cd /c; umount /c; cd /; umount /c/y; " +
        "umount /c; list")] // moved
    [InlineData("mount --bind /m /b; mount -o remount,bind,ro /b; echo x >/b/f; echo y >/m/g; list; mount -o remount,bind,noexec,nosuid,nodev /b; list; " +
        "mount -o remount,bind,noatime /b; list; mount -o remount,ro /m; list; echo z >/b/h; mount -o remount,rw /m; echo z >/b/h; list; ls /b")] // flags
    [InlineData("mount --make-private /m; echo $?; mount --make-rprivate /; echo $?; mount --make-slave /m; echo $?; mount --make-private /m/d; echo $?; " +
        "mount --make-unbindable /m; mount --bind /m /b; mount --bind /m/d /b; list; mount -t tmpfs two /c; mkdir /c/in; mount --bind / /m/y; " +
        "ls /m/y/c /m/y/m; mount --make-private /m; mount --bind /m /b; list")] // propagation
    [InlineData("mount -t tmpfs two /m/x; mount -t tmpfs three /m/x; touch /m/x/upper; ls /m/x; umount /m/x; ls /m/x; list; mount -t proc p /m/y; " +
        "mount -t proc p /m/y; list; mount -t nothing a /m/d; mount -t tmpfs a /m/none; mount -t tmpfs a /m/top; mount --bind /none /b; umount /m/d; " +
        "umount /m/none")] // one over another; errors
    [InlineData("mkdir /m/gone; cd /m/gone; rmdir /m/gone; mount -t tmpfs a .; mount --bind /m/d .; mount --bind . /b; cd /; mount -t tmpfs two /m/x; " +
        "cd /m/x; umount -l /m/x; mount --bind . /b; mount -t tmpfs a .; cd /; chmod 755 /m; for i in /m/d /m/none; do su nobody -s /bin/sh -c " +
        "\"busybox mount --bind $i /b; busybox umount /m/d; busybox umount /m\"; done; list")] // what was removed or detached; without rights
    public Task Mounts_are_bound_moved_and_told_as_on_Linux(string command) => LinuxOracle.SameAsLinux(Make + "\n" + command, cpus: 2);
}
