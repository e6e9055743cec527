using Libsys.Abi;

namespace Servers.Vfs.Objects;

/// <summary>
/// Extended attributes of an inode, xattr(7), as the boot archive brought them. They are kept and no call reads them yet; getxattr(2), and exec for
/// security.capability, find them here.
/// </summary>
public sealed class ExtendedAttributes
{
    private readonly byte[] attributes;

    private ExtendedAttributes(byte[] attributes) => this.attributes = attributes;

    /// <summary>Takes attributes as <see cref="BootArchiveAttributes"/> describes them; null without any, as with nearly all files.</summary>
    public static ExtendedAttributes? Read(ReadOnlySpan<byte> attributes) => attributes.IsEmpty ? null : new ExtendedAttributes(attributes.ToArray());

    /// <summary>Finds the value of a name with its namespace, such as "security.capability".</summary>
    public bool TryFind(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        var walk = new BootArchiveAttributes(attributes);
        while (walk.MoveNext())
        {
            if (!walk.Name.SequenceEqual(name))
                continue;
            value = walk.Value;
            return true;
        }

        value = default;
        return false;
    }
}
