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
    // Texts of symbolic links and page indexes of files: 56 bytes a small file, 1.2 MiB a GiB.
    private const long KeptLimit = 16 << 20;

    private readonly MountTree mounts;

    /// <summary>Makes the cache.</summary>
    public TmpfsSources(
        MountTree mounts, IClock clock, IPageArena arena, IMappedPagesSource mappings, DeviceTable devices, long memoryPages, long cachePages = long.MaxValue)
    {
        this.mounts = mounts;
        Clock = clock;
        Cache = new PageCache(arena, mappings, Kept, () => clock.Monotonic);
        Devices = devices;
        MemoryPages = memoryPages;
        DefaultPages = Math.Min(memoryPages / 2, cachePages);
    }

    /// <summary>Time.</summary>
    public IClock Clock { get; }

    /// <summary>Pages of the files of all trees.</summary>
    public PageCache Cache { get; }

    /// <summary>What device nodes stand for.</summary>
    public DeviceTable Devices { get; }

    /// <summary>Memory for fifos.</summary>
    public PipeMemory Pipes { get; } = new();

    /// <summary>What links and sparse files make vfs keep in its own heap beyond an inode's ordinary share.</summary>
    public Budget Kept { get; } = new(KeptLimit);

    /// <summary>Frames of the machine.</summary>
    public long MemoryPages { get; }

    /// <summary>Pages of a tree without the option size: half of the memory, tmpfs(5), or what the cache may have.</summary>
    public long DefaultPages { get; }

    /// <summary>st_dev for a new tree.</summary>
    public uint AllocateDevice() => mounts.AllocateDevice();

    /// <summary>An empty tree; the root is one.</summary>
    public TmpfsFileSystem Create(string typeName, in TmpfsOptions options) => new(this, typeName, options);
}
