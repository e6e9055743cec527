using System.Globalization;
using System.Text;
using Servers.Vfs.Volumes;
using static Servers.Vfs.Volumes.VolumeOptions;

namespace Servers.Vfs.Fat;

/// <summary>Options of a mount, mount(8) "Mount options for fat" and "for vfat".</summary>
internal sealed record FatOptions
{
    // What concerns writing, or is what is done anyway.
    private static readonly string[] Ignored = ["quiet", "flush", "discard", "sys_immutable", "nonumtail", "nonumtail=0", "nonumtail=1", "dots", "nodots",
        "dotsOK=no", "dotsOK=yes", "conv=binary", "conv=b", "errors=remount-ro", "usefree", "posix", "nfs", "uni_xlate=0"];

    // umask(2) of a process that has not changed it: vfs does not know that of who mounts.
    private const uint DefaultMask = 0x12; // 022

    /// <summary>Owner of everything.</summary>
    public uint UserId { get; private init; }

    /// <inheritdoc cref="UserId"/>
    public uint GroupId { get; private init; }

    /// <summary>Permissions that files have not.</summary>
    public uint FileMask { get; private init; } = DefaultMask;

    /// <summary>Permissions that directories have not.</summary>
    public uint DirectoryMask { get; private init; } = DefaultMask;

    /// <summary>How short names are shown.</summary>
    public ShortNames Shown { get; private init; }

    /// <summary>Names are shown as UTF-8, as Debian's Linux does; else in <see cref="Characters"/>.</summary>
    public bool IsUtf8 { get; private init; } = true;

    /// <summary>ascii, iso8859-1 or utf8.</summary>
    public string Characters { get; private init; } = "ascii";

    /// <summary>Letters' case matters.</summary>
    public bool IsStrict { get; private init; }

    /// <summary>Only programs, by their names, may be executed.</summary>
    public bool MarksPrograms { get; private init; }

    /// <summary>Directories can be read-only too.</summary>
    public bool HasReadOnlyDirectories { get; private init; }

    /// <summary>Minutes by which the clocks of who has written are ahead of UTC; null: not said, none.</summary>
    public int? MinutesAhead { get; private init; }

    /// <summary>Reads them; EINVAL for one that is unknown.</summary>
    public static Errno Parse(ReadOnlySpan<byte> text, out FatOptions options)
    {
        options = new FatOptions();
        return VolumeOptions.Parse(text, Ignored, ref options, static (options, name, value) => options.With(name, value));
    }

    /// <summary>As /proc/mounts shows them.</summary>
    public string Text()
    {
        var text = new StringBuilder();
        if (UserId != 0)
            text.Append(CultureInfo.InvariantCulture, $",uid={UserId}");
        if (GroupId != 0)
            text.Append(CultureInfo.InvariantCulture, $",gid={GroupId}");
        text.Append(",fmask=").Append(Octal(FileMask)).Append(",dmask=").Append(Octal(DirectoryMask));
        // Who may set times: those who may write a directory and are not its owner.
        const uint othersWrite = 0x12;
        if ((~DirectoryMask & othersWrite) != 0)
            text.Append(",allow_utime=").Append(Octal(~DirectoryMask & othersWrite));
        text.Append(",codepage=437,iocharset=").Append(Characters).Append(",shortname=").Append(Shown.ToString().ToLowerInvariant());
        text.Append(IsStrict ? ",check=s" : "").Append(MarksPrograms ? ",showexec" : "").Append(IsUtf8 ? ",utf8" : "");
        text.Append(HasReadOnlyDirectories ? ",rodir" : "");
        if (MinutesAhead is { } ahead)
            text.Append(CultureInfo.InvariantCulture, $",{(ahead == 0 ? "tz=UTC" : $"time_offset={ahead}")}");
        return text.Append(",errors=remount-ro").ToString();
    }

    private static string Octal(uint mode) => Convert.ToString(mode & InodeMode.Permissions, 8).PadLeft(4, '0');

    private FatOptions? With(string name, string? value) => (name, value) switch
    {
        ("uid", _) => TryNumber(value, out uint user) ? this with { UserId = user } : null,
        ("gid", _) => TryNumber(value, out uint group) ? this with { GroupId = group } : null,
        ("umask", _) => TryOctal(value, out uint mask) ? this with { FileMask = mask, DirectoryMask = mask } : null,
        ("fmask", _) => TryOctal(value, out uint mask) ? this with { FileMask = mask } : null,
        ("dmask", _) => TryOctal(value, out uint mask) ? this with { DirectoryMask = mask } : null,
        ("allow_utime", _) => TryOctal(value, out _) ? this : null,
        ("codepage", "437") => this,
        ("iocharset", "ascii" or "iso8859-1" or "utf8") => this with { Characters = value },
        ("shortname", "lower") => this with { Shown = ShortNames.Lower },
        ("shortname", "win95") => this with { Shown = ShortNames.Win95 },
        ("shortname", "winnt") => this with { Shown = ShortNames.Winnt },
        ("shortname", "mixed") => this with { Shown = ShortNames.Mixed },
        ("utf8", null or "1" or "yes" or "true") => this with { IsUtf8 = true },
        ("utf8", "0" or "no" or "false") => this with { IsUtf8 = false },
        ("check", "s" or "strict") => this with { IsStrict = true },
        ("check", "r" or "relaxed" or "n" or "normal") => this with { IsStrict = false },
        ("showexec", null) => this with { MarksPrograms = true },
        ("rodir", null) => this with { HasReadOnlyDirectories = true },
        ("tz", "UTC") => this with { MinutesAhead = 0 },
        // As far as time zones go.
        ("time_offset", _) => int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int minutes) && Math.Abs(minutes) <= 1440
            ? this with { MinutesAhead = minutes } : null,
        _ => null,
    };
}
