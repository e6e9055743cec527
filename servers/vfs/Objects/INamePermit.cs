namespace Servers.Vfs.Objects;

/// <summary>
/// A program may change the names of a directory by calls that are not waited for (docs/posted-names.md). Told of whatever its knowledge depends on.
/// </summary>
public interface INamePermit
{
    /// <summary>The directory.</summary>
    Inode Directory { get; }

    /// <summary>Names have changed in the directory, or in one that the program takes for empty.</summary>
    void NamesChanged();

    /// <summary>Mode, owner or group of the directory, or of something that the program knows there, has changed.</summary>
    void RightsChanged(Inode inode);

    /// <summary>Somebody has looked a name up there that would be published. False: the permit has ended, and it may be.</summary>
    bool IsAsked();

    /// <summary>No such call begins any more, and what comes later is refused.</summary>
    void End();
}
