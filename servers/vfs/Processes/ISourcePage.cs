using Libsys.Hosting;

namespace Servers.Vfs.Processes;

/// <summary>A page that vfs and programs share, docs/memory-sources.md.</summary>
public interface ISourcePage
{
    /// <summary>The page as vfs sees it. All in it may change at any time, to anything.</summary>
    MappedMemory Memory { get; }

    /// <summary>Ends all mappings; the frame goes back.</summary>
    void Destroy();
}

/// <summary>Makes them.</summary>
public interface ISourcePages
{
    /// <summary>A page of zeros; null: there is no memory, or there are too many.</summary>
    ISourcePage? Create(bool isPrivileged);
}
