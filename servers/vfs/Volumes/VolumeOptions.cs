using System.Globalization;
using System.Text;

namespace Servers.Vfs.Volumes;

/// <summary>Options of mounts, mount(2): names, some with values, separated by commas.</summary>
internal static class VolumeOptions
{
    // What an octal number of permissions may have at most.
    private const int MostDigits = 7;

    /// <summary>
    /// Takes one option after the other into <paramref name="options"/>, but those of <paramref name="ignored"/>. EINVAL for one that
    /// <paramref name="with"/> has null for: it is unknown, or its value is wrong.
    /// </summary>
    public static Errno Parse<T>(ReadOnlySpan<byte> text, string[] ignored, ref T options, Func<T, string, string?, T?> with)
        where T : class
    {
        foreach (string option in Encoding.UTF8.GetString(text).TrimEnd('\0').Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (ignored.Contains(option))
                continue;
            string[] parts = option.Split('=', 2);
            if (with(options, parts[0], parts.Length == 2 ? parts[1] : null) is not { } next)
                return Errno.EINVAL;
            options = next;
        }

        return Errno.None;
    }

    /// <summary>A decimal number.</summary>
    public static bool TryNumber(string? text, out uint number) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    /// <summary>Permissions, as digits of an octal number.</summary>
    public static bool TryOctal(string? text, out uint number)
    {
        number = 0;
        if (string.IsNullOrEmpty(text) || text.Length > MostDigits)
            return false;
        foreach (char digit in text)
        {
            if (digit is < '0' or > '7')
                return false;
            number = number * 8 + (uint)(digit - '0');
        }

        number &= InodeMode.Permissions;
        return true;
    }
}
