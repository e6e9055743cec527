using System.Text;

namespace Servers.Vfs.Iso9660;

/// <summary>Names of directory records as programs see them, where Rock Ridge gives none.</summary>
internal static class IsoNames
{
    private const int LongestName = 255;

    /// <summary>The name of a record; empty: one that cannot be shown.</summary>
    public static byte[] Of(ReadOnlySpan<byte> recorded, bool isJoliet, IsoOptions options)
    {
        byte[] name = isJoliet ? OfJoliet(recorded, options.IsUtf8) : options.Mapping == 'o' ? recorded.ToArray() : Translate(recorded);
        return IsName(name) ? name : [];
    }

    /// <summary>It can be the name of a file.</summary>
    public static bool IsName(ReadOnlySpan<byte> name) =>
        name.Length is > 0 and <= LongestName && !name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8) && name.IndexOfAny((byte)'/', (byte)0) < 0;

    /// <summary>Two spellings of one name.</summary>
    public static bool AreSame(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other, bool foldsCase, bool isJoliet)
    {
        // Those who made Joliet do not tell names by dots at their end.
        if (isJoliet)
        {
            one = one.TrimEnd((byte)'.');
            other = other.TrimEnd((byte)'.');
        }

        return foldsCase ? Ascii.EqualsIgnoreCase(one, other) || one.SequenceEqual(other) : one.SequenceEqual(other);
    }

    // In small letters, without the version 1 and the dot before it: mount(8) map=normal.
    private static byte[] Translate(ReadOnlySpan<byte> recorded)
    {
        int end = recorded.IndexOf((byte)0);
        ReadOnlySpan<byte> rest = end < 0 ? recorded : recorded[..end];
        if (rest.EndsWith(".;1"u8))
            rest = rest[..^3];
        else if (rest.EndsWith(";1"u8))
            rest = rest[..^2];
        byte[] name = new byte[rest.Length];
        for (int at = 0; at < name.Length; at++)
            name[at] = rest[at] switch { >= (byte)'A' and <= (byte)'Z' => (byte)(rest[at] | 0x20), (byte)';' or (byte)'/' => (byte)'.', _ => rest[at] };
        return name;
    }

    private static byte[] OfJoliet(ReadOnlySpan<byte> recorded, bool isUtf8)
    {
        var text = new StringBuilder(recorded.Length / 2);
        for (int at = 0; at + 1 < recorded.Length; at += 2)
            text.Append((char)(recorded[at] << 8 | recorded[at + 1]));
        string name = text.ToString();
        if (name.Length > 2 && name.EndsWith(";1", StringComparison.Ordinal))
            name = name[..^2];
        while (name.Length >= 2 && name[^1] == '.')
            name = name[..^1];
        // Halves of a pair without the other stand for no letter.
        return isUtf8 ? Encoding.UTF8.GetBytes(WithoutHalves(name)) : Encoding.Latin1.GetBytes(name);
    }

    private static string WithoutHalves(string name)
    {
        var whole = new StringBuilder(name.Length);
        for (int at = 0; at < name.Length; at++)
        {
            if (char.IsHighSurrogate(name[at]) && at + 1 < name.Length && char.IsLowSurrogate(name[at + 1]))
                whole.Append(name[at]).Append(name[++at]);
            else if (!char.IsSurrogate(name[at]))
                whole.Append(name[at]);
        }

        return whole.ToString();
    }
}
