using Libsys.Hosting;

namespace Servers.Vfs.Processes;

/// <summary>A page, or a few, that vfs and programs share: docs/memory-sources.md, docs/streams.md.</summary>
public interface ISourcePage
{
    /// <summary>The page as vfs sees it. All in it may change at any time, to anything.</summary>
    MappedMemory Memory { get; }

    /// <summary>Wakes all threads, of any program, that sleep on a word of it.</summary>
    void Wake(uint offset);

    /// <summary>Ends all mappings; the frames go back.</summary>
    void Destroy();
}

/// <summary>Makes them.</summary>
public interface ISourcePages
{
    /// <summary>A page of zeros; null: there is no memory, or there are too many.</summary>
    ISourcePage? Create(bool isPrivileged);

    /// <summary>The same for a stream (<see cref="Libsys.Messages.StreamLayout"/>).</summary>
    ISourcePage? CreateStream(bool isPrivileged);
}
