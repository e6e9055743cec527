using Servers.Vfs.Files;
using Servers.Vfs.Linux;
using Servers.Vfs.Names;

namespace Servers.Vfs.Processes;

/// <summary>The first process starts with the console as its standard input, output and error, as Linux' does: console(4).</summary>
internal static class ConsoleDescriptors
{
    private const int Descriptors = 3;

    /// <summary>Opens /dev/console as handles 0 to 2 of a process that has no handles yet. Without a console it has none.</summary>
    public static void Open(ClientProcess process)
    {
        var walk = new PathWalk();
        if (walk.Resolve(process, process.Context.Root, "/dev/console"u8, follow: true, out Location console) != Errno.None
            || console.Inode.Open(new OpenRequest(console, OpenFlags.ReadWrite | OpenFlags.NoControllingTerminal, process), out OpenFile? file) != Errno.None)
            return;
        for (int descriptor = 0; descriptor < Descriptors; descriptor++)
        {
            file!.AddReference();
            process.Handles.Add(file);
        }

        file!.Release();
    }
}
