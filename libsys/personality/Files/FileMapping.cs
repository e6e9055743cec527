using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>mmap of files. Owned by the files part.</summary>
internal static unsafe class FileMapping
{
    /// <summary>
    /// Maps [offset, offset + length) of the open descriptor at <paramref name="address"/> (page aligned, found free or to be replaced by the caller's choice of
    /// <paramref name="flags"/>, which carry protection, Shared and Replace). Returns 0 or -errno.
    /// </summary>
    public static long Map(TaskState* task, int fd, ulong address, ulong length, MapFlags flags, ulong offset) => -Errno.ENODEV;
}
