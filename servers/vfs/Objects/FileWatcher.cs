namespace Servers.Vfs.Objects;

/// <summary>Who is told that a description has ended, and does not keep it from that.</summary>
public abstract class FileWatcher
{
    /// <summary>Neighbours among those of the same description.</summary>
    internal FileWatcher? PreviousOfFile, NextOfFile;

    /// <summary>The last reference is gone: the watcher leaves (<see cref="OpenFile.Unwatch"/>).</summary>
    public abstract void FileEnded();
}
