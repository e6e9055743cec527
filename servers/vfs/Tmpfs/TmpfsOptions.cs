using System.Globalization;
using System.Text;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Tmpfs;

/// <summary>Mount options of tmpfs, tmpfs(5).</summary>
public readonly record struct TmpfsOptions(long? Pages, uint Mode, uint UserId, uint GroupId, long? Inodes)
{
    /// <summary>What tmpfs does without options: a directory for all, mode 1777.</summary>
    public static readonly TmpfsOptions Default = new(null, InodeMode.Sticky | 0x1FF, 0, 0, null);

    /// <summary>Reads "size=16m,mode=755,..."; EINVAL on anything unknown.</summary>
    public static Errno Parse(ReadOnlySpan<byte> text, long memoryPages, out TmpfsOptions options)
    {
        options = Default;
        foreach (string option in Encoding.UTF8.GetString(text).Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] pair = option.Split('=', 2);
            string value = pair.Length > 1 ? pair[1] : "";
            switch (pair[0])
            {
                case "size" when TryParseSize(value, memoryPages, out long bytes):
                    options = options with { Pages = (bytes + CachedFile.PageSize - 1) / CachedFile.PageSize };
                    break;
                case "nr_blocks" when TryParseSize(value, memoryPages, out long pages):
                    options = options with { Pages = pages };
                    break;
                case "nr_inodes" when TryParseSize(value, memoryPages, out long inodes):
                    options = options with { Inodes = inodes };
                    break;
                case "mode" when TryParseOctal(value, out uint mode):
                    options = options with { Mode = mode & InodeMode.Permissions };
                    break;
                case "uid" when uint.TryParse(value, CultureInfo.InvariantCulture, out uint user):
                    options = options with { UserId = user };
                    break;
                case "gid" when uint.TryParse(value, CultureInfo.InvariantCulture, out uint group):
                    options = options with { GroupId = group };
                    break;
                case "huge" or "mpol" or "inode32" or "inode64":
                    break;
                default:
                    return Errno.EINVAL;
            }
        }

        return Errno.None;
    }

    private static bool TryParseSize(string text, long memoryPages, out long value)
    {
        value = 0;
        if (text.Length == 0)
            return false;
        bool isPercent = text[^1] == '%';
        int shift = char.ToLowerInvariant(text[^1]) switch { 'k' => 10, 'm' => 20, 'g' => 30, _ => 0 };
        string digits = shift > 0 || isPercent ? text[..^1] : text;
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value) || value > long.MaxValue >> 31)
            return false;
        value = isPercent ? memoryPages * CachedFile.PageSize / 100 * value : value << shift;
        return true;
    }

    /// <summary>Reads permissions.</summary>
    internal static bool TryParseOctal(string text, out uint value)
    {
        value = 0;
        foreach (char digit in text)
        {
            if (digit is < '0' or > '7' || value > 0xFFFF)
                return false;
            value = value * 8 + (uint)(digit - '0');
        }

        return text.Length > 0;
    }
}
