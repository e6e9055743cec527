using System;

namespace Libsys.Abi;

/// <summary>
/// Walks over the extended attributes of one entry, xattr(7). Each is the length of its name (1 byte), the length of its value (4 bytes, little
/// endian), the name and the value, one after the other without padding, in the order of the names' bytes.
/// </summary>
public ref struct BootArchiveAttributes
{
    /// <summary>Bytes of an attribute before its name.</summary>
    public const int PrefixLength = 5;

    private ReadOnlySpan<byte> rest;

    /// <summary>Looks at the bytes that <see cref="BootArchiveReader.Attributes"/> gives.</summary>
    public BootArchiveAttributes(ReadOnlySpan<byte> attributes)
    {
        rest = attributes;
        Name = default;
        Value = default;
    }

    /// <summary>Name with its namespace, such as "security.capability".</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>Value, any bytes.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Goes to the next attribute; false behind the last one, and where the bytes are not a whole attribute.</summary>
    public bool MoveNext()
    {
        if (rest.Length < PrefixLength)
            return false;
        int nameLength = rest[0];
        uint valueLength = LittleEndian.UInt32(rest, 1);
        if (valueLength > BootArchive.LongestAttributeValue || PrefixLength + nameLength + (int)valueLength > rest.Length)
            return false;
        Name = rest.Slice(PrefixLength, nameLength);
        Value = rest.Slice(PrefixLength + nameLength, (int)valueLength);
        rest = rest.Slice(PrefixLength + nameLength + (int)valueLength);
        return true;
    }

    /// <summary>True when the bytes are whole attributes, each with a name, in order and none twice.</summary>
    /// <remarks>
    /// By positions and not by <see cref="MoveNext"/>: the personality uses this, and a structure of spans would need vector registers there.
    /// </remarks>
    public static bool AreWellFormed(ReadOnlySpan<byte> attributes)
    {
        int previous = -1;
        for (int position = 0; position < attributes.Length;)
        {
            if (attributes.Length - position < PrefixLength)
                return false;
            int nameLength = attributes[position];
            uint valueLength = LittleEndian.UInt32(attributes, position + 1);
            if (nameLength == 0 || valueLength > BootArchive.LongestAttributeValue
                || nameLength + (int)valueLength > attributes.Length - position - PrefixLength)
                return false;
            if (BootArchivePath.HasZero(attributes.Slice(position + PrefixLength, nameLength)) || (previous >= 0 && !IsBefore(attributes, previous, position)))
                return false;
            previous = position;
            position += PrefixLength + nameLength + (int)valueLength;
        }

        return true;
    }

    private static bool IsBefore(ReadOnlySpan<byte> attributes, int left, int right)
    {
        int leftLength = attributes[left];
        int rightLength = attributes[right];
        for (int position = 0; position < leftLength && position < rightLength; position++)
        {
            byte leftByte = attributes[left + PrefixLength + position];
            byte rightByte = attributes[right + PrefixLength + position];
            if (leftByte != rightByte)
                return leftByte < rightByte;
        }

        return leftLength < rightLength;
    }
}
