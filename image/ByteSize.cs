using System.Globalization;

namespace Microkernel.Image;

/// <summary>Sizes as people write them: a number of bytes with K, M or G for its power of 1,024.</summary>
internal static class ByteSize
{
    /// <summary>Parses a size; false for anything else, and for sizes beyond 1 TiB.</summary>
    public static bool TryParse(string text, out long size)
    {
        size = 0;
        if (text.Length == 0)
            return false;
        int shift = char.ToUpperInvariant(text[^1]) switch { 'K' => 10, 'M' => 20, 'G' => 30, _ => 0 };
        string digits = shift == 0 ? text : text[..^1];
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number) || number > (1L << 40) >> shift)
            return false;
        size = number << shift;
        return true;
    }

    /// <summary>The shortest way to write a size.</summary>
    public static string Format(long size) => size switch
    {
        _ when size % (1L << 30) == 0 => $"{size >> 30}G",
        _ when size % (1L << 20) == 0 => $"{size >> 20}M",
        _ when size % (1L << 10) == 0 => $"{size >> 10}K",
        _ => $"{size}",
    };
}
