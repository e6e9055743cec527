namespace Microkernel.Boot.Tests.Files;

/// <summary>ramfs beside Linux': what tells it from tmpfs.</summary>
public sealed class RamfsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public Task Ramfs_answers_as_on_Linux(int cpus) => LinuxOracle.SameAsLinux(
        "mkdir /m; mount -t ramfs -o mode=1700,size=4k,nonsense source /m; echo $?; grep ' /m ' /proc/mounts; " +
        "stat -f -c '%t %b %f %a %c %d %s %l' /m; stat -c '%A %s %b %h' /m; " +
        "echo text > /m/file; ln /m/file /m/second; ln -s file /m/link; mkfifo /m/fifo; mknod /m/null c 1 3; mkdir /m/directory; find /m; " +
        "stat -c '%n %F %a %s %b %h' /m /m/*; cat /m/link; echo gone > /m/null; cat /m/null; " +
        "dd if=/dev/zero of=/m/large bs=64k count=64 2>/dev/null; stat -c '%s %b' /m/large; " +
        "dd if=/dev/zero of=/m/sparse bs=1 count=1 seek=1000000 2>/dev/null; stat -c '%s %b' /m/sparse; " +
        "fallocate -l 4096 /m/file; echo $?; cat /m/file; " +
        "mv /m/file /m/directory/moved; cat /m/second /m/directory/moved; rmdir /m/directory; rm -r /m/directory; stat -c %h /m/second; " +
        "mount -o remount,ro /m; echo x > /m/new; umount /m; ls /m; " +
        "mount -t ramfs source /m; ls /m; stat -c %a /m; grep ' /m ' /proc/mounts; umount /m; " +
        "mount -t ramfs -o mode=9 source /m; echo $?; grep ramfs /proc/filesystems",
        cpus);
}
