namespace Servers.Vfs.Objects;

/// <summary>Where programs move the offset of a description (docs/files-in-memory.md): a slot of one handle, or a page for all handles.</summary>
internal interface IOffsetPlace
{
    /// <summary>Lends the offset.</summary>
    void GiveOffset(long offset);

    /// <summary>Takes it back: what programs have made of it, or <paramref name="last"/> if they have overwritten that it is lent.</summary>
    long TakeOffset(long last);
}

/// <summary>The page for all handles.</summary>
internal interface ISharedOffset : IOffsetPlace
{
    /// <summary>Number of the description, which slots point to it by.</summary>
    ulong Number { get; }

    /// <summary>The description is gone, and with it all mappings.</summary>
    void Destroy();
}
