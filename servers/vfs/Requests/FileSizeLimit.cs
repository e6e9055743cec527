using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>
/// RLIMIT_FSIZE, getrlimit(2): how large a process may make a regular file. What lies below the limit is done, the rest is EFBIG; V0 of that answer tells it
/// from a file system's own end, because only the limit raises SIGXFSZ.
/// </summary>
internal static class FileSizeLimit
{
    /// <summary>No limit.</summary>
    public const long None = long.MaxValue;

    /// <summary>Bytes of a write at an offset that the limit lets through, or −EFBIG.</summary>
    public static long Room(Request request, OpenFile file, long offset, int length)
    {
        long limit = request.Process.FileSizeLimit;
        if (limit == None || length == 0 || !file.Inode.IsRegular || offset <= limit - length)
            return length;
        return offset < limit ? limit - offset : Refuse(request);
    }

    /// <summary>0 if a file may have a size that it does not have yet, or −EFBIG. A limit does not shrink files, nor forbid to shrink them.</summary>
    public static long CheckSize(Request request, long present, long wanted) =>
        wanted > present && wanted > request.Process.FileSizeLimit ? Refuse(request) : 0;

    private static long Refuse(Request request)
    {
        request.V0 = Libsys.Messages.VfsLimits.FileSizeExceeded;
        return Outcome.Of(Errno.EFBIG);
    }
}
