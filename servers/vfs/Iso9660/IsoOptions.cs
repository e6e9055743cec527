using System.Globalization;
using System.Text;
using Servers.Vfs.Volumes;
using static Servers.Vfs.Volumes.VolumeOptions;

namespace Servers.Vfs.Iso9660;

/// <summary>Options of a mount, mount(8) "Mount options for iso9660".</summary>
internal sealed record IsoOptions
{
    // What changes nothing here: conversions of text, decompression that is not done, sessions that only a drive knows, a block size that the volume says.
    private static readonly string[] Ignored = ["conv=b", "conv=binary", "conv=t", "conv=text", "conv=a", "conv=auto", "conv=m", "nocompress", "rock=n"];

    /// <summary>Names, owners and links of Rock Ridge are used where they are.</summary>
    public bool UsesRockRidge { get; private init; } = true;

    /// <summary>The tree with long names of Joliet is used where it is and Rock Ridge is not.</summary>
    public bool UsesJoliet { get; private init; } = true;

    /// <summary>'n': in small letters without version; 'o': as they are; 'a': as 'n'. Names without Rock Ridge or Joliet.</summary>
    public char Mapping { get; private init; } = 'n';

    /// <summary>'r': letters' case does not matter; 's': it does; null: only Joliet's does not.</summary>
    public char? Check { get; private init; }

    /// <summary>Hidden files are not shown.</summary>
    public bool Hides { get; private init; }

    /// <summary>Associated files are shown.</summary>
    public bool ShowsAssociated { get; private init; }

    /// <summary>The top byte of a length is not believed.</summary>
    public bool IsCruft { get; private init; }

    /// <summary>Modes of files and directories, null: not said; and whether they count with Rock Ridge too.</summary>
    public uint? FileMode { get; private init; }

    /// <inheritdoc cref="FileMode"/>
    public uint? DirectoryMode { get; private init; }

    /// <inheritdoc cref="FileMode"/>
    public bool OverridesModes { get; private init; }

    /// <summary>Owner of everything; null: not said.</summary>
    public uint? UserId { get; private init; }

    /// <inheritdoc cref="UserId"/>
    public uint? GroupId { get; private init; }

    /// <summary>Where the volume begins, in sectors of 2,048 bytes.</summary>
    public uint? StartSector { get; private init; }

    /// <summary>Joliet's names are shown as UTF-8; else in ISO 8859-1.</summary>
    public bool IsUtf8 { get; private init; } = true;

    /// <summary>Reads them; EINVAL for one that is unknown.</summary>
    public static Errno Parse(ReadOnlySpan<byte> text, out IsoOptions options)
    {
        options = new IsoOptions();
        return VolumeOptions.Parse(text, Ignored, ref options, static (options, name, value) => options.With(name, value));
    }

    /// <summary>As /proc/mounts shows them, of a volume whose names are those of Joliet or not.</summary>
    public string Text(bool hasJoliet, int blockSize)
    {
        var text = new StringBuilder();
        text.Append(!UsesRockRidge ? ",norock" : hasJoliet ? "" : ",nojoliet");
        text.Append(IsCruft ? ",cruft" : "").Append(Hides ? ",hide" : "").Append(OverridesModes ? ",overriderockperm" : "");
        text.Append(ShowsAssociated ? ",showassoc" : "").Append(",check=").Append(Check ?? (hasJoliet ? 'r' : 's')).Append(",map=").Append(Mapping);
        if (StartSector is { } sector)
            text.Append(CultureInfo.InvariantCulture, $",sbsector={sector}");
        text.Append(CultureInfo.InvariantCulture, $",blocksize={blockSize}");
        if (UserId is { } user)
            text.Append(CultureInfo.InvariantCulture, $",uid={user}");
        if (GroupId is { } group)
            text.Append(CultureInfo.InvariantCulture, $",gid={group}");
        if (DirectoryMode is { } directory)
            text.Append(",dmode=").Append(Convert.ToString(directory, 8));
        if (FileMode is { } file)
            text.Append(",fmode=").Append(Convert.ToString(file, 8));
        return text.Append(IsUtf8 ? ",iocharset=utf8" : ",iocharset=iso8859-1").ToString();
    }

    private IsoOptions? With(string name, string? value) => (name, value) switch
    {
        ("norock", null) => this with { UsesRockRidge = false },
        ("nojoliet", null) => this with { UsesJoliet = false },
        ("map", "n" or "normal") => this with { Mapping = 'n' },
        ("map", "o" or "off") => this with { Mapping = 'o' },
        ("map", "a" or "acorn") => this with { Mapping = 'a' },
        ("check", "r" or "relaxed") => this with { Check = 'r' },
        ("check", "s" or "strict") => this with { Check = 's' },
        ("hide", null) => this with { Hides = true },
        ("unhide", null) => this with { Hides = false, ShowsAssociated = true },
        ("showassoc", null) => this with { ShowsAssociated = true },
        ("cruft", null) => this with { IsCruft = true },
        ("overriderockperm", null) => this with { OverridesModes = true },
        ("utf8", null) or ("iocharset", "utf8") => this with { IsUtf8 = true },
        ("iocharset", "iso8859-1") => this with { IsUtf8 = false },
        ("uid", _) => TryNumber(value, out uint user) ? this with { UserId = user } : null,
        ("gid", _) => TryNumber(value, out uint group) ? this with { GroupId = group } : null,
        ("mode", _) => TryOctal(value, out uint mode) ? this with { FileMode = mode } : null,
        ("dmode", _) => TryOctal(value, out uint mode) ? this with { DirectoryMode = mode } : null,
        ("sbsector", _) => TryNumber(value, out uint sector) ? this with { StartSector = sector } : null,
        ("session", _) => TryNumber(value, out uint session) && session <= 99 ? this : null,
        ("block", "512" or "1024" or "2048") => this,
        _ => null,
    };
}
