namespace Servers.Vfs.Objects;

/// <summary>What programs are shown of an inode in memory. It is told of each change before the request that makes the change is answered.</summary>
internal interface IPublication
{
    /// <summary>Some attribute is another one now.</summary>
    void AttributesChanged();

    /// <summary>In this directory a name has been added or removed.</summary>
    void NameChanged(ReadOnlySpan<byte> name);
}
