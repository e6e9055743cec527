using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// Memory of vfs in the window: the personality maps pages of its own, offers them, and asks vfs to replace them by what it shows (docs/memory-sources.md,
/// "Mapping"). A forked child has none of it.
/// </summary>
internal static unsafe class OfferedMemory
{
    /// <summary>
    /// Obtains memory at an address by a request that names it. False: vfs or the kernel refused, and nothing is mapped there. With
    /// <paramref name="replaces"/> the place may have been used before.
    /// </summary>
    public static bool TryObtain(TaskState* task, VfsRequest* request, ulong address, ulong length, bool replaces = false)
    {
        if (KernelCalls.Map(address, length, MapFlags.ForkOmit | (replaces ? MapFlags.Replace : 0), 0, 0) < 0)
            return false;
        if (KernelCalls.Offer(address, length, true) == 0 && VfsClient.Call(task, request) == 0)
            return true;
        KernelCalls.Unmap(address, length);
        return false;
    }
}
