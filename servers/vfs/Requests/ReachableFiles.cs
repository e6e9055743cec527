using Servers.Vfs.Attributes;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Requests;

/// <summary>What a process could open by name, whatever it has open.</summary>
internal static class ReachableFiles
{
    /// <summary>
    /// Open(2) for reading of the name by which a description was opened would succeed now, from the root of the process on. True only where everything on the
    /// way is known without waiting.
    /// </summary>
    public static bool CouldRead(Subject subject, OpenFile file)
    {
        Location at = file.Location, root = subject.Context.Root;
        if (at.Mount.IsHidden || at.Dentry.IsRemoved || !file.Inode.CanBePublished || !Permission.Allows(subject.Credentials, file.Inode, AccessMode.Read))
            return false;
        while (at != root)
        {
            at = MountTree.Ascend(at);
            if (at == root)
                return true;
            if (at.Dentry is not { IsRemoved: false, Parent: { } parent })
                return false;
            at = new Location(at.Mount, parent);
            // What is mounted over it is what a path finds.
            if (parent.MountCount != 0 || !at.Inode.CanBePublished || !Permission.Allows(subject.Credentials, at.Inode, AccessMode.Execute))
                return false;
        }

        return true;
    }
}
