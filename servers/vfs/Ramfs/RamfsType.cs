using System.Text;
using Servers.Vfs.Objects;
using Servers.Vfs.Tmpfs;

namespace Servers.Vfs.Ramfs;

/// <summary>ramfs: a new tree at each mount. It knows the option mode and, by tradition, takes any other without a word.</summary>
public sealed class RamfsType(TmpfsSources sources) : FileSystemType("ramfs")
{
    /// <inheritdoc/>
    public override Errno Create(OperationContext context, in MountArguments arguments, out FileSystem? fileSystem)
    {
        fileSystem = null;
        uint mode = RamfsFileSystem.DefaultMode;
        foreach (string option in Encoding.UTF8.GetString(arguments.Options.Span).Split(','))
        {
            if (option.StartsWith("mode=", StringComparison.Ordinal) && !TmpfsOptions.TryParseOctal(option["mode=".Length..], out mode))
                return Errno.EINVAL;
        }

        fileSystem = new RamfsFileSystem(sources, mode & InodeMode.Permissions);
        return fileSystem.Reconfigure(context, arguments.Restrictions);
    }
}
