using Servers.Vfs.Objects;

namespace Servers.Vfs.Tmpfs;

/// <summary>tmpfs(5): a new tree at each mount.</summary>
public sealed class TmpfsType(TmpfsSources sources) : FileSystemType("tmpfs")
{
    /// <inheritdoc/>
    public override Errno Create(OperationContext context, in MountArguments arguments, out FileSystem? fileSystem)
    {
        fileSystem = null;
        Errno error = TmpfsOptions.Parse(arguments.Options.Span, sources.MemoryPages, out TmpfsOptions options);
        if (error != Errno.None)
            return error;
        fileSystem = sources.Create(Name, options);
        return fileSystem.Reconfigure(context, arguments.Restrictions);
    }
}
