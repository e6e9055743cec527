using Libsys.Hosting;
using Servers.Vfs.Devices;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;
using Servers.Vfs.Pages;
using Servers.Vfs.Pipes;
using Servers.Vfs.Requests;
using Servers.Vfs.Terminals.Pseudo;
using Servers.Vfs.Tmpfs;

namespace Servers.Vfs;

/// <summary>The types of mount(2): tmpfs makes a new tree each time; devtmpfs, proc and sysfs show the one that exists.</summary>
public sealed class FileSystemTypes : IFileSystemTypes
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
    private readonly Dictionary<string, FileSystem> singles = [];
    private readonly List<string> names = ["tmpfs", "ramfs"];

    /// <summary>Types over one page cache and the same devices.</summary>
    public FileSystemTypes(
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

    /// <summary>Pages of the files of all types.</summary>
    public PageCache Cache => cache;

    /// <summary>Names of all types, for /proc/filesystems.</summary>
    public IReadOnlyList<string> Names => names;

    /// <summary>A type that has one instance, shown wherever it is mounted.</summary>
    public void AddSingle(FileSystem fileSystem)
    {
        singles.Add(fileSystem.TypeName, fileSystem);
        names.Add(fileSystem.TypeName);
    }

    /// <summary>A tmpfs; the root is one.</summary>
    public TmpfsFileSystem CreateTmpfs(string typeName, in TmpfsOptions options) =>
        new(mounts.AllocateDevice(), typeName, clock, cache, devices, pipes, kept, options, tmpfsPages);

    /// <inheritdoc/>
    public Errno Create(OperationContext context, in MountArguments arguments, out FileSystem? fileSystem)
    {
        ReadOnlySpan<byte> options = arguments.Options.Span;
        if (singles.TryGetValue(arguments.Type, out fileSystem))
            return fileSystem is PtsFileSystem terminals ? terminals.Configure(options) : Errno.None;
        if (arguments.Type is not ("tmpfs" or "ramfs"))
            return Errno.ENODEV;
        Errno error = TmpfsOptions.Parse(options, memoryPages, out TmpfsOptions parsed);
        if (error != Errno.None)
            return error;
        fileSystem = CreateTmpfs(arguments.Type, parsed);
        return fileSystem.Reconfigure(context, arguments.Restrictions);
    }
}
