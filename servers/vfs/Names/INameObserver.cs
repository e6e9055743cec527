using Servers.Vfs.Objects;

namespace Servers.Vfs.Names;

/// <summary>Is told what a walk finds (<see cref="PathWalk"/>).</summary>
public interface INameObserver
{
    /// <summary>A name in a directory stands for something; what is mounted there is seen through.</summary>
    void Found(Location directory, ReadOnlySpan<byte> name, Location child);

    /// <summary>True if it need not be told of the way to a directory, which leads down through directories.</summary>
    bool Knows(Location directory);

    /// <summary>There is no such name in a directory.</summary>
    void Absent(Location directory, ReadOnlySpan<byte> name);
}
