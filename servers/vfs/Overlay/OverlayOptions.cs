using System.Text;

namespace Servers.Vfs.Overlay;

/// <summary>Options of a mount, as the Linux kernel's documentation has them ("Overlay Filesystem").</summary>
/// <param name="Lower">Paths of the lower directories, the topmost first.</param>
/// <param name="Upper">Path of the upper directory; null: nothing can be changed.</param>
/// <param name="Work">Path of an empty directory on the upper's file system.</param>
/// <param name="Text">As /proc/mounts shows them.</param>
internal sealed record OverlayOptions(List<byte[]> Lower, byte[]? Upper, byte[]? Work, string Text)
{
    // As many as Linux takes.
    private const int MostLayers = 500;

    // What is done anyway, or is not done and said to be off.
    private static readonly string[] Ignored =
        ["redirect_dir=off", "redirect_dir=nofollow", "index=off", "metacopy=off", "xino=off", "nfs_export=off", "default_permissions"];

    /// <summary>Reads them; EINVAL for one that is unknown, or that is missing.</summary>
    public static Errno Parse(ReadOnlySpan<byte> text, out OverlayOptions options)
    {
        options = new OverlayOptions([], null, null, "");
        byte[]? upper = null, work = null;
        List<byte[]> lower = [];
        var shown = new StringBuilder();
        int end = text.IndexOf((byte)0);
        foreach (byte[] option in Split(end < 0 ? text : text[..end], (byte)','))
        {
            int equal = Array.IndexOf(option, (byte)'=');
            string name = Encoding.UTF8.GetString(equal < 0 ? option : option[..equal]);
            byte[] value = equal < 0 ? [] : option[(equal + 1)..];
            if (option.Length == 0 || Ignored.Contains(Encoding.UTF8.GetString(option)))
                continue;
            if (value.Length == 0)
                return Errno.EINVAL;
            switch (name)
            {
                case "lowerdir":
                    lower = [.. Split(value, (byte)':').Select(Unescape)];
                    break;
                case "upperdir":
                    upper = Unescape(value);
                    break;
                case "workdir":
                    work = Unescape(value);
                    break;
                default:
                    return Errno.EINVAL;
            }

            shown.Append(',').Append(name).Append('=').Append(Encoding.UTF8.GetString(value));
        }

        // Two directories that nobody writes to, or one that is written to and one below it, are the least that can be laid over each other.
        bool isWhole = lower.Count is > 0 and <= MostLayers
            && lower.TrueForAll(static path => path.Length > 0) && (upper == null ? lower.Count > 1 : work != null);
        options = new OverlayOptions(lower, upper, upper == null ? null : work, shown.ToString());
        return isWhole ? Errno.None : Errno.EINVAL;
    }

    // A backslash before the separator makes it a part of a path; both stay until the last step.
    private static List<byte[]> Split(ReadOnlySpan<byte> text, byte separator)
    {
        var parts = new List<byte[]>();
        int start = 0;
        for (int at = 0; at <= text.Length; at++)
        {
            if (at < text.Length && text[at] == (byte)'\\')
            {
                at++;
                continue;
            }

            if (at < text.Length && text[at] != separator)
                continue;
            parts.Add(text[start..Math.Min(at, text.Length)].ToArray());
            start = at + 1;
        }

        if (start < text.Length)
            parts.Add(text[start..].ToArray());
        return parts;
    }

    private static byte[] Unescape(byte[] text)
    {
        var plain = new List<byte>(text.Length);
        for (int at = 0; at < text.Length; at++)
            plain.Add(text[at] == (byte)'\\' && at + 1 < text.Length ? text[++at] : text[at]);
        return [.. plain];
    }
}
