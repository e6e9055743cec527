using Libsys.Hosting;
using Servers.DiskVfs;
using Servers.Vfs.Devices;
using Servers.Vfs.Requests;
using Servers.Vfs.Tmpfs;

// What this vfs has beside the other's.
internal sealed partial class Program
{
    static partial void AddMore(FileSystemTypes types, TmpfsSources memory, EventLoop loop, ServerContext context)
    {
        var type = new DiskType(memory, loop);
        types.Add(type);
        memory.Devices.Add(ControlDevice.Major, 0, new ControlDevice(type, new AccountHandle(context.Handle("account").Index)));
    }
}
