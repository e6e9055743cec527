using Libsys.Abi;

namespace Libsys.Hosting;

/// <summary>A server's name in message words 2 to 7: UTF-8, padded with zeros.</summary>
public static class ServerName
{
    private const int FirstWord = 2, Words = 6, BytesPerWord = 8;

    /// <summary>Longest name that fits, bytes.</summary>
    public const int LongestName = Words * BytesPerWord;

    /// <summary>Writes a name; false if it is too long.</summary>
    public static bool TryWrite(ref Message message, ReadOnlySpan<byte> name)
    {
        if (name.Length is 0 or > LongestName)
            return false;
        for (int index = 0; index < name.Length; index++)
            message.Words[FirstWord + index / BytesPerWord] |= (ulong)name[index] << (index % BytesPerWord * 8);
        return true;
    }

    /// <summary>Reads a name into 48 bytes; its length.</summary>
    public static int Read(in Message message, Span<byte> name)
    {
        int length = 0;
        for (; length < LongestName; length++)
        {
            byte value = (byte)(message.Words[FirstWord + length / BytesPerWord] >> (length % BytesPerWord * 8));
            if (value == 0)
                break;
            name[length] = value;
        }

        return length;
    }
}
