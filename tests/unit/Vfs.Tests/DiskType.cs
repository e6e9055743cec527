using Servers.DiskVfs.Disk;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Tests;

/// <summary>The disk: its superblock has to be read first, and there is one instance of it.</summary>
internal sealed class DiskType(TestSystem system) : FileSystemType("disk")
{
    private DiskFileSystem? disk;

    public override bool NeedsDevice => true;

    public override Errno Create(OperationContext context, in MountArguments arguments, out FileSystem? fileSystem)
    {
        fileSystem = null;
        Errno error = system.Drive!.Gate(context);
        if (error != Errno.None)
            return error;
        if (disk == null || disk.IsFinished)
            disk = system.MakeDisk();
        fileSystem = disk;
        return Errno.None;
    }
}
