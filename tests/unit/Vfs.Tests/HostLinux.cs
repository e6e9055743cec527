using System.Runtime.InteropServices;
using System.Text;

namespace Servers.Vfs.Tests;

/// <summary>
/// The host's own Linux as an oracle: its calls, with results as vfs gives them (value or −errno). The one place in the tests that leaves managed code, because
/// .NET's files hide the error numbers that are to be compared.
/// </summary>
#pragma warning disable RS0030 // see above
#pragma warning disable CA2101, SYSLIB1054 // paths are byte arrays; generated marshalling would need unsafe code
internal static class HostLinux
{
    private const int AtFdcwd = -100;

    public static long Open(string path, uint flags, uint mode) => Result(open(Z(path), (int)flags, mode));

    public static long Close(long file) => Result(close((int)file));

    public static long Write(long file, byte[] data, long offset) =>
        Result(offset < 0 ? write((int)file, data, (nuint)data.Length) : pwrite((int)file, data, (nuint)data.Length, offset));

    public static long Read(long file, byte[] data, long offset) =>
        Result(offset < 0 ? read((int)file, data, (nuint)data.Length) : pread((int)file, data, (nuint)data.Length, offset));

    public static long Seek(long file, long offset, uint whence) => Result(lseek((int)file, offset, (int)whence));

    public static long Truncate(long file, long length) => Result(ftruncate((int)file, length));

    public static long MakeDirectory(string path, uint mode) => Result(mkdir(Z(path), mode));

    public static long RemoveDirectory(string path) => Result(rmdir(Z(path)));

    public static long Unlink(string path) => Result(unlink(Z(path)));

    public static long Rename(string from, string to, ulong flags) => Result(renameat2(AtFdcwd, Z(from), AtFdcwd, Z(to), (uint)flags));

    public static long Link(string from, string to) => Result(link(Z(from), Z(to)));

    public static long SymbolicLink(string text, string path) => Result(symlink(Z(text), Z(path)));

    public static long ChangeMode(string path, uint mode) => Result(chmod(Z(path), mode));

    public static long ReadLink(string path, out string text)
    {
        var buffer = new byte[4096];
        long result = Result(readlink(Z(path), buffer, (nuint)buffer.Length));
        text = result > 0 ? Encoding.UTF8.GetString(buffer, 0, (int)result) : "";
        return result;
    }

    public static long Stat(string path, bool follow, out TestStat stat)
    {
        const int noFollow = 0x100;
        var record = new byte[144];
        long result = Result(fstatat(AtFdcwd, Z(path), record, follow ? 0 : noFollow));
        stat = TestStat.Read(record);
        return result;
    }

    public static void SetFileMask(uint mask) => umask(mask);

    private static byte[] Z(string path) => Encoding.UTF8.GetBytes(path + "\0");

    private static long Result(long value) => value >= 0 ? value : -Marshal.GetLastPInvokeError();

    [DllImport("libc", SetLastError = true)]
    private static extern int open(byte[] path, int flags, uint mode);

    [DllImport("libc", SetLastError = true)]
    private static extern int close(int file);

    [DllImport("libc", SetLastError = true)]
    private static extern nint read(int file, byte[] data, nuint length);

    [DllImport("libc", SetLastError = true)]
    private static extern nint pread(int file, byte[] data, nuint length, long offset);

    [DllImport("libc", SetLastError = true)]
    private static extern nint write(int file, byte[] data, nuint length);

    [DllImport("libc", SetLastError = true)]
    private static extern nint pwrite(int file, byte[] data, nuint length, long offset);

    [DllImport("libc", SetLastError = true)]
    private static extern long lseek(int file, long offset, int whence);

    [DllImport("libc", SetLastError = true)]
    private static extern int ftruncate(int file, long length);

    [DllImport("libc", SetLastError = true)]
    private static extern int mkdir(byte[] path, uint mode);

    [DllImport("libc", SetLastError = true)]
    private static extern int rmdir(byte[] path);

    [DllImport("libc", SetLastError = true)]
    private static extern int unlink(byte[] path);

    [DllImport("libc", SetLastError = true)]
    private static extern int renameat2(int fromDirectory, byte[] from, int toDirectory, byte[] to, uint flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int link(byte[] from, byte[] to);

    [DllImport("libc", SetLastError = true)]
    private static extern int symlink(byte[] text, byte[] path);

    [DllImport("libc", SetLastError = true)]
    private static extern int chmod(byte[] path, uint mode);

    [DllImport("libc", SetLastError = true)]
    private static extern nint readlink(byte[] path, byte[] buffer, nuint length);

    [DllImport("libc", SetLastError = true)]
    private static extern int fstatat(int directory, byte[] path, byte[] record, int flags);

    [DllImport("libc")]
    private static extern uint umask(uint mask);
}
