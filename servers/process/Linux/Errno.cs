namespace Servers.Processes.Linux;

/// <summary>Error numbers of Linux x86-64, errno(3), as the negative results that replies carry.</summary>
internal static class Errno
{
#pragma warning disable CS1591 // the names are Linux' own
    public const long EPERM = -1, ESRCH = -3, EINTR = -4, EIO = -5, E2BIG = -7, ENOEXEC = -8, ECHILD = -10, EAGAIN = -11, ENOMEM = -12, EACCES = -13, EEXIST = -17, EINVAL = -22,
        ENOSYS = -38;
#pragma warning restore CS1591
}
