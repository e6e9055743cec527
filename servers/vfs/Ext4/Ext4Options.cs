using System.Globalization;
using System.Text;

namespace Servers.Vfs.Ext4;

/// <summary>Options of a mount, ext4(5).</summary>
/// <param name="SkipsJournal">noload, norecovery.</param>
/// <param name="Text">Those that are shown in /proc/mounts.</param>
internal sealed record Ext4Options(bool SkipsJournal, string Text)
{
    // What changes nothing here, or is what is done anyway.
    private static readonly string[] Ignored =
    [
        "acl", "user_xattr", "barrier", "barrier=1", "delalloc", "data=ordered", "errors=continue", "errors=remount-ro", "nodiscard", "noquota",
        "block_validity",
        "auto_da_alloc", "noinit_itable", "nogrpid", "sysvgroups", "journal_checksum", "dioread_lock", "dioread_nolock", "i_version",
    ];

    // The same with a number.
    private static readonly string[] Numbers =
        ["commit", "stripe", "resuid", "resgid", "inode_readahead_blks", "init_itable", "max_batch_time", "min_batch_time"];

    /// <summary>Reads them; EINVAL for one that is unknown.</summary>
    public static Errno Parse(ReadOnlySpan<byte> text, out Ext4Options options)
    {
        options = new Ext4Options(false, "");
        foreach (string option in Encoding.UTF8.GetString(text).TrimEnd('\0').Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = option.Split('=', 2);
            if (option is "noload" or "norecovery")
                options = options with { SkipsJournal = true, Text = ",norecovery" };
            else if (Numbers.Contains(parts[0]))
            {
                if (parts.Length != 2 || !uint.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out _))
                    return Errno.EINVAL;
            }
            else if (!Ignored.Contains(option))
            {
                return Errno.EINVAL;
            }
        }

        return Errno.None;
    }
}
