namespace Libsys.Linux;

/// <summary>Linux' error numbers on x86-64, errno(3). Results of calls and requests carry them negated: <c>-Errno.EINVAL</c>.</summary>
public enum Errno
{
#pragma warning disable CS1591 // the names are the documentation: errno(3)
    None = 0, EPERM = 1, ENOENT = 2, ESRCH = 3, EINTR = 4, EIO = 5, ENXIO = 6, E2BIG = 7, ENOEXEC = 8, EBADF = 9, ECHILD = 10, EAGAIN = 11, ENOMEM = 12,
    EACCES = 13, EFAULT = 14, ENOTBLK = 15, EBUSY = 16, EEXIST = 17, EXDEV = 18, ENODEV = 19, ENOTDIR = 20, EISDIR = 21, EINVAL = 22, ENFILE = 23, EMFILE = 24,
    ENOTTY = 25, ETXTBSY = 26, EFBIG = 27, ENOSPC = 28, ESPIPE = 29, EROFS = 30, EMLINK = 31, EPIPE = 32, EDOM = 33, ERANGE = 34, EDEADLK = 35,
    ENAMETOOLONG = 36, ENOLCK = 37, ENOSYS = 38, ENOTEMPTY = 39, ELOOP = 40, ENOMSG = 42, EIDRM = 43,
    ENODATA = 61, ETIME = 62, EPROTO = 71, EBADMSG = 74, EOVERFLOW = 75,
    ELIBBAD = 80, ENOTSOCK = 88, EDESTADDRREQ = 89, EMSGSIZE = 90, EPROTOTYPE = 91, ENOPROTOOPT = 92, EPROTONOSUPPORT = 93,
    ESOCKTNOSUPPORT = 94, EOPNOTSUPP = 95,
    EAFNOSUPPORT = 97, EADDRINUSE = 98, EADDRNOTAVAIL = 99, ENETUNREACH = 101, ECONNRESET = 104, ENOBUFS = 105,
    EISCONN = 106, ENOTCONN = 107, ETOOMANYREFS = 109, ETIMEDOUT = 110,
    ECONNREFUSED = 111, EALREADY = 114, EINPROGRESS = 115, ESTALE = 116, EUCLEAN = 117,
#pragma warning restore CS1591
}

/// <summary>The form in which error numbers travel.</summary>
public static class ErrnoResult
{
    /// <summary>True for a result that stands for an error: −4,095 to −1.</summary>
    public static bool IsError(long result) => (ulong)result > unchecked((ulong)-4096L);

    extension(Errno)
    {
        /// <summary>The result that stands for the error. The compiler folds it to a constant.</summary>
        public static long operator -(Errno error) => -(long)error;
    }
}
