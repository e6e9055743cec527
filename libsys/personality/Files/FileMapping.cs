using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>mmap of files: vfs checks the open mode and maps the file's pages into this space itself; no handle to them ever arrives here.</summary>
internal static unsafe class FileMapping
{
    /// <summary>
    /// Maps [offset, offset + length) of the open descriptor at <paramref name="address"/> (page aligned, found free or to be replaced by the caller's choice
    /// of <paramref name="flags"/>, which carry protection, Shared and Replace). Returns 0 or -errno (EBADF, EACCES, ENODEV, EEXIST, ENOMEM).
    /// </summary>
    public static long Map(TaskState* task, int fd, ulong address, ulong length, MapFlags flags, ulong offset)
    {
        Descriptor descriptor;
        if (!DescriptorTable.Find(task, (uint)fd, &descriptor))
            return -Errno.EBADF;
        if ((descriptor.Bits & DescriptorBits.Local) != 0)
            return -Errno.ENODEV;
        if ((descriptor.Bits & DescriptorBits.Slot) != 0 && SharedContents.TryRepeat(task, &descriptor, address, length, flags, offset))
            return 0;
        long result = MapHandle(task, descriptor.Handle, address, length, flags, offset, out ulong told);
        SharedFiles.Learn(task, (uint)fd, &descriptor, told);
        return result;
    }

    /// <summary>
    /// The same by vfs handle. vfs may map where nothing is, and replace what is offered to it: what is there stays as it is until the kernel exchanges it, or
    /// if vfs refuses. Other threads may map into a hole of the range meanwhile, or take an offer for the same pages back: then it is offered again (mmap(2)
    /// lets the last win). <paramref name="told"/>: what the answer says of the handle's slot.
    /// </summary>
    private static long MapHandle(TaskState* task, uint handle, ulong address, ulong length, MapFlags flags, ulong offset, out ulong told)
    {
        VfsRequest request;

        bool replaces = (flags & MapFlags.Replace) != 0;
        while (true)
        {
            long status = replaces ? KernelCalls.Offer(address, length, true) : 0;
            told = 0;
            if (status < 0)
                return KernelCalls.MemoryError(status);
            VfsRequest.Begin(&request, VfsOperation.Map, handle, offset, length, (ulong)flags, address);
            long result = VfsClient.Call(task, &request);
            told = result >= 0 ? request.V2 : 0;
            if (replaces)
                KernelCalls.Offer(address, length, false);
            if (!replaces || result != -Errno.EEXIST)
                return result > 0 ? 0 : result;
        }
    }
}
