using System;

namespace Libsys.Abi;

/// <summary>The rules for names in a boot archive.</summary>
public static class BootArchivePath
{
    /// <summary>True when no component is empty, "." or ".." and no byte is zero, so that a name has one spelling and stays below the root.</summary>
    public static bool IsWellFormed(ReadOnlySpan<byte> name)
    {
        int start = 0;
        for (int position = 0; position <= name.Length; position++)
        {
            if (position < name.Length && name[position] == 0)
                return false;
            if (position < name.Length && name[position] != (byte)'/')
                continue;
            int length = position - start;
            if (length == 0 || (length == 1 && name[start] == (byte)'.'))
                return false;
            if (length == 2 && name[start] == (byte)'.' && name[start + 1] == (byte)'.')
                return false;
            start = position + 1;
        }

        return true;
    }

    /// <summary>True when a byte is zero.</summary>
    public static bool HasZero(ReadOnlySpan<byte> text)
    {
        for (int position = 0; position < text.Length; position++)
        {
            if (text[position] == 0)
                return true;
        }

        return false;
    }

    /// <summary>Length of the name of the directory that <paramref name="name"/> lies in; zero for the root.</summary>
    public static int ParentLength(ReadOnlySpan<byte> name)
    {
        int position = name.Length - 1;
        while (position > 0 && name[position] != (byte)'/')
            position--;
        return position < 0 ? 0 : position;
    }

    /// <summary>Order of two names: '/' sorts before every other byte, so that a directory is followed by all that lies in it.</summary>
    public static int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        int shared = left.Length < right.Length ? left.Length : right.Length;
        for (int position = 0; position < shared; position++)
        {
            if (left[position] == right[position])
                continue;
            if (left[position] == (byte)'/')
                return -1;
            if (right[position] == (byte)'/')
                return 1;
            return left[position] < right[position] ? -1 : 1;
        }

        return left.Length == right.Length ? 0 : left.Length < right.Length ? -1 : 1;
    }
}
