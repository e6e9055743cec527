namespace Servers.Vfs.Objects;

/// <summary>A handle may write its file by calls that are not waited for (docs/posted-calls.md).</summary>
public interface IWritePermit
{
    /// <summary>No such write begins any more. Those that have begun are made when they come.</summary>
    void End();
}
