using System.Buffers.Binary;
using Libsys.Abi;

namespace Servers.Vfs.Objects;

/// <summary>
/// Extended attributes of an inode in memory, xattr(7), as <see cref="BootArchiveAttributes"/> describes them: those that the boot archive brought, and what
/// was set since. It does not change; who sets one replaces it.
/// </summary>
public sealed class ExtendedAttributes
{
    /// <summary>
    /// Bytes that one inode may have, names included: as much as a value and a list of names may have on Linux. Each change copies all of them.
    /// </summary>
    public const int MostBytes = 128 << 10;

    private readonly byte[] attributes;

    private ExtendedAttributes(byte[] attributes, int paid) => (this.attributes, Paid) = (attributes, paid);

    /// <summary>Bytes.</summary>
    public int Length => attributes.Length;

    /// <summary>Bytes of them that a budget pays for: those of the boot archive are not clients'.</summary>
    public int Paid { get; }

    /// <summary>Takes attributes as <see cref="BootArchiveAttributes"/> describes them; null without any, as with nearly all files.</summary>
    public static ExtendedAttributes? Read(ReadOnlySpan<byte> attributes, int paid = 0) =>
        attributes.IsEmpty ? null : new ExtendedAttributes(attributes.ToArray(), paid);

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

    /// <summary>Adds all names.</summary>
    public void List(List<byte[]> names)
    {
        var walk = new BootArchiveAttributes(attributes);
        while (walk.MoveNext())
            names.Add(walk.Name.ToArray());
    }

    /// <summary>All of <paramref name="from"/>, but with another value of a name, or without it; in the order of names.</summary>
    public static byte[] With(ExtendedAttributes? from, ReadOnlySpan<byte> name, byte[]? value)
    {
        var all = new List<byte>();
        bool isLeft = value != null;
        var walk = new BootArchiveAttributes(from?.attributes);
        while (walk.MoveNext())
        {
            int order = walk.Name.SequenceCompareTo(name);
            if (order >= 0 && isLeft)
                Add(all, name, value);
            isLeft &= order < 0;
            if (order != 0)
                Add(all, walk.Name, walk.Value);
        }

        if (isLeft)
            Add(all, name, value);
        return [.. all];
    }

    private static void Add(List<byte> all, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Span<byte> prefix = stackalloc byte[BootArchiveAttributes.PrefixLength];
        prefix[0] = (byte)name.Length;
        BinaryPrimitives.WriteInt32LittleEndian(prefix[1..], value.Length);
        all.AddRange(prefix);
        all.AddRange(name);
        all.AddRange(value);
    }
}
