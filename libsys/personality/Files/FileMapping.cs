using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>mmap of files: vfs checks the open mode and maps the file's pages into this space itself; no handle to them ever arrives here.</summary>
internal static unsafe class FileMapping
{
    /// <summary>
    /// Maps [offset, offset + length) of the open descriptor at <paramref name="address"/> (page aligned, found free or to be replaced by the caller's choice of
    /// <paramref name="flags"/>, which carry protection, Shared and Replace). Returns 0 or -errno (EBADF, EACCES, ENODEV, EEXIST, ENOMEM).
    /// </summary>
    public static long Map(TaskState* task, int fd, ulong address, ulong length, MapFlags flags, ulong offset)
    {
        Descriptor descriptor;
        if (!DescriptorTable.Find(task, (uint)fd, &descriptor))
            return -Errno.EBADF;
        if ((descriptor.Bits & DescriptorBits.Local) != 0)
            return -Errno.ENODEV;
        return MapHandle(task, descriptor.Handle, address, length, flags, offset);
    }

    /// <summary>The same by vfs handle.</summary>
    public static long MapHandle(TaskState* task, uint handle, ulong address, ulong length, MapFlags flags, ulong offset)
    {
        long result = VfsClient.Call(task, VfsOperation.Map, handle, offset, length, (ulong)flags, address);
        return result > 0 ? 0 : result;
    }
}
