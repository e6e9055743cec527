using Servers.Vfs.Names;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Processes;

/// <summary>The first process starts with the console as its standard input, output and error, as Linux' does: console(4).</summary>
internal static class ConsoleDescriptors
{
    private const int Descriptors = 3;

    /// <summary>Opens /dev/console as handles 0 to 2 of a process that has no handles yet. Without a console it has none.</summary>
    public static void Open(ClientProcess process)
    {
        // Answered at once: a file system that would have to wait for its names gives no console.
        var context = new ImmediateContext(process);
        var walk = new PathWalk();
        if (walk.Resolve(context, process.Context.Root, "/dev/console"u8, follow: true, out Location console) != Errno.None
            || console.Inode.Open(new OpenRequest(context, console, OpenFlags.ReadWrite | OpenFlags.NoControllingTerminal), out OpenFile? file) != Errno.None)
            return;
        for (int descriptor = 0; descriptor < Descriptors; descriptor++)
        {
            file!.AddReference();
            process.Handles.Add(file);
        }

        file!.Release();
    }
}
