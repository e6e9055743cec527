using Libsys.Hosting;
using Servers.Vfs.Devices;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;
using Servers.Vfs.Pages;
using Servers.Vfs.Pipes;

namespace Servers.Vfs.Tmpfs;

/// <summary>What all trees in memory are made of: one page cache and the same devices and budgets.</summary>
public sealed class TmpfsSources
{
    private readonly MountTree mounts;
    private readonly IClock clock;
    private readonly DeviceTable devices;
    private readonly long memoryPages;
    private readonly long tmpfsPages;
    // Texts of symbolic links and page indexes of files: 56 bytes a small file, 1.2 MiB a GiB.
    private const long KeptLimit = 16 << 20;

    private readonly PipeMemory pipes = new();
    private readonly Budget kept = new(KeptLimit);
    private readonly PageCache cache;

    /// <summary>Makes the cache.</summary>
    public TmpfsSources(
        MountTree mounts, IClock clock, IPageArena arena, IMappedPagesSource mappings, DeviceTable devices, long memoryPages, long cachePages = long.MaxValue)
    {
        this.mounts = mounts;
        this.clock = clock;
        cache = new PageCache(arena, mappings, kept, () => clock.Monotonic);
        this.devices = devices;
        this.memoryPages = memoryPages;
        // Half of the memory, tmpfs(5), or what the cache may have.
        tmpfsPages = Math.Min(memoryPages / 2, cachePages);
    }

    /// <summary>Pages of the files of all trees.</summary>
    public PageCache Cache => cache;

    /// <summary>Frames of the machine.</summary>
    public long MemoryPages => memoryPages;

    /// <summary>An empty tree; the root is one.</summary>
    public TmpfsFileSystem Create(string typeName, in TmpfsOptions options) =>
        new(mounts.AllocateDevice(), typeName, clock, cache, devices, pipes, kept, options, tmpfsPages);
}
