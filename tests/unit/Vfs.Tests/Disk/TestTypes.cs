using Servers.Vfs.Objects;
using Servers.Vfs.Requests;

namespace Servers.Vfs.Tests.Disk;

/// <summary>The types of vfs, and the disk: its superblock has to be read first, and there is one instance of it.</summary>
internal sealed class TestTypes(TestSystem system) : IFileSystemTypes
{
    private DiskFileSystem? disk;

    public Errno Create(OperationContext context, in MountArguments arguments, out FileSystem? fileSystem)
    {
        if (arguments.Type != "disk")
            return system.Types.Create(context, arguments, out fileSystem);
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
