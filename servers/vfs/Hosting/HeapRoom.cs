using Servers.Vfs.Requests;

namespace Servers.Vfs.Hosting;

/// <summary>Looks at the runtime's heap from time to time. A heap that is full ends the server, and all programs with it.</summary>
internal sealed class HeapRoom : IHeapRoom
{
    // Parts of the heap that are left for what one request may allocate, what the loop needs, and what the collector cannot use.
    private const long KeptFromAll = 4, KeptFromPrivileged = 6;

    // Between two looks less than this can have been added.
    private const long Step = 256 << 10;

    private readonly long limit, limitOfPrivileged;
    private long lookedAt;
    private long used;

    /// <summary>Looks at the runtime's heap.</summary>
    public HeapRoom()
    {
        long all = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        limit = all - all / KeptFromAll;
        limitOfPrivileged = all - all / KeptFromPrivileged;
    }

    /// <inheritdoc/>
    public bool Has(bool isPrivileged)
    {
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        if (allocated - lookedAt >= Step)
        {
            lookedAt = allocated;
            Look();
        }

        return used < (isPrivileged ? limitOfPrivileged : limit);
    }

    // Garbage counts as used until it is collected: only if that matters, it is.
    private void Look()
    {
        used = GC.GetTotalMemory(forceFullCollection: false);
        if (used < limit)
            return;
        GC.Collect();
        used = GC.GetTotalMemory(forceFullCollection: false);
    }
}
