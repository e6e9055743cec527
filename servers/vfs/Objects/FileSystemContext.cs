namespace Servers.Vfs.Objects;

/// <summary>Root and working directory: what CLONE_FS shares, clone(2).</summary>
public sealed class FileSystemContext
{
    /// <summary>A context; holds both places.</summary>
    public FileSystemContext(Location root, Location workingDirectory)
    {
        Root = root;
        WorkingDirectory = workingDirectory;
        root.Hold();
        workingDirectory.Hold();
    }

    /// <summary>Processes that share it.</summary>
    public int Users { get; private set; } = 1;

    /// <summary>Where "/" leads.</summary>
    public Location Root { get; private set; }

    /// <summary>Where relative paths start.</summary>
    public Location WorkingDirectory { get; private set; }

    /// <summary>The same places for a process that does not share them.</summary>
    public FileSystemContext Copy() => new(Root, WorkingDirectory);

    /// <summary>One more process shares it.</summary>
    public FileSystemContext Share()
    {
        Users++;
        return this;
    }

    /// <summary>chdir(2).</summary>
    public void SetWorkingDirectory(Location location)
    {
        location.Hold();
        WorkingDirectory.Release();
        WorkingDirectory = location;
    }

    /// <summary>chroot(2).</summary>
    public void SetRoot(Location location)
    {
        location.Hold();
        Root.Release();
        Root = location;
    }

    /// <summary>A process lets go.</summary>
    public void Release()
    {
        if (--Users > 0)
            return;
        Root.Release();
        WorkingDirectory.Release();
    }
}
