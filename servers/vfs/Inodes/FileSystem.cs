using Servers.Vfs.Linux;

namespace Servers.Vfs.Inodes;

/// <summary>One instance of a file system: what a mount shows.</summary>
public abstract class FileSystem
{
    /// <summary>An instance with its anonymous device number (st_dev).</summary>
    protected FileSystem(uint device) => Device = device;

    /// <summary>st_dev of its inodes.</summary>
    public uint Device { get; }

    /// <summary>Type name, as in /proc/filesystems.</summary>
    public abstract string TypeName { get; }

    /// <summary>f_type, statfs(2).</summary>
    public abstract ulong Magic { get; }

    /// <summary>Mount options beyond the generic ones, starting with a comma, as /proc/mounts shows them.</summary>
    public virtual string OptionText => "";

    /// <summary>Root directory.</summary>
    public abstract Names.Dentry Root { get; }

    /// <summary>False where looking up a name that does not exist is an error even for those who want to create it (procfs): they get ENOENT.</summary>
    public virtual bool AllowsNewNames => true;

    /// <summary>Numbers for statfs(2).</summary>
    public virtual FileSystemUsage Usage() => default;
}
