namespace Microkernel.Boot.Tests.Files;

/// <summary>mount(2) with MS_MOVE: a mount goes elsewhere with all that is mounted in it.</summary>
public sealed class MoveMountTests
{
    private const string Make =
        "exec 2>&1; mkdir /a /b /c; mount -t tmpfs one /a; mkdir /a/in /a/to; mount -t tmpfs two /a/in; echo text >/a/in/f; echo top >/a/g; " +
        "show() { grep -o '^[a-z]* /[abc][^ ]*' /proc/mounts; }; move() { mount -o move $1 $2; echo $?; }; ";

    [Theory]
    [InlineData("cd /a/in; exec 3>>f; move /a /b; show; echo more >&3; cat /b/in/f; pwd; cat f; cat ../g; ls /a; umount /b/in; echo $?")] // who uses it
    [InlineData("move /a/in /b; show; cat /b/f; ls -A /a/in; rmdir /a/in; umount /a; echo $?; move /b /c; ls /c; umount /c; ls -A /c")] // out of another
    [InlineData("move /a /a/to | tail -n 1; move /a /a/in | tail -n 1; move /a/to /b | tail -n 1; move / /b | tail -n 1; show")] // into itself, no mount
    [InlineData("mount -t tmpfs three /b; echo 3 >/b/f; move /a /b; cat /b/g; show; umount /b/in; umount /b; cat /b/f; ls -A /a")] // over a mount
    [InlineData("cd /a; mkdir bin lib lib64 proc; mount --bind /bin bin; mount --bind /lib lib; mount -t proc proc proc; mount -o move . /; " +
        "chroot . /bin/sh -c 'cat /g /in/f; grep -c one /proc/mounts; grep -c rootfs /proc/mounts; cd ..; cd ../..; pwd; ls'")] // over the root
    public Task A_mount_moves_with_all_that_is_in_it(string command) => LinuxOracle.SameAsLinux(Make + command, cpus: 2);
}
