namespace Servers.Vfs.Processes;

/// <summary>Bytes of vfs' own heap that clients make it keep for one kind of thing. Counted roughly: what matters is that there is an end.</summary>
/// <param name="limit">All that may be kept.</param>
public sealed class ClientMemory(long limit)
{
    /// <summary>Bytes kept.</summary>
    public long Used { get; private set; }

    /// <summary>True if so many more may be kept.</summary>
    public bool HasRoom(long bytes) => bytes <= limit - Used;

    /// <summary>Counts bytes, or says no.</summary>
    public bool TryTake(long bytes)
    {
        bool fits = HasRoom(bytes);
        if (fits)
            Used += bytes;
        return fits;
    }

    /// <summary>Counts bytes that are kept in any case.</summary>
    public void Take(long bytes) => Used += bytes;

    /// <summary>Bytes are gone.</summary>
    public void Give(long bytes) => Used -= bytes;
}
