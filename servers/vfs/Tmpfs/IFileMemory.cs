namespace Servers.Vfs.Tmpfs;

/// <summary>A memory object that holds pages of a file, mapped in vfs. A page never written reads as zero.</summary>
public interface IFileMemory
{
    /// <summary>All bytes.</summary>
    Span<byte> Bytes { get; }

    /// <summary>Makes sure that the pages of a range exist, so that writing them cannot fail. False: no memory.</summary>
    bool Commit(long offset, long length);

    /// <summary>Frees whole pages, here and in every mapping.</summary>
    void Discard(long offset, long length);

    /// <summary>The file is gone. Mappings in clients keep the pages as long as they need them.</summary>
    void Release();
}

/// <summary>Makes memory objects for files.</summary>
public interface IFileMemorySource
{
    /// <summary>A sparse object of <paramref name="length"/> bytes, or null if there is no memory or handle left.</summary>
    IFileMemory? Create(long length);
}
