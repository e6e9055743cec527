using Libsys.Abi;

namespace Microkernel.Image.Root;

/// <summary>One file, directory, device node or symbolic link of the image, independent of the archive format.</summary>
/// <param name="Path">Full path without leading slash.</param>
/// <param name="Mode">st_mode of Linux: type and permission bits.</param>
/// <param name="Content">File content or symbolic link target; empty for all other types.</param>
/// <param name="Device">Device number of a device node, else zero.</param>
/// <param name="HardLinkTo">For a further name of a file: the path of a name that is there already.</param>
/// <param name="IsSystem">True for what the boot needs but the root file system does not show (servers, manifest).</param>
public sealed record RootEntry(
    string Path, uint Mode, RootContent Content, DeviceNumber Device = default, string? HardLinkTo = null, bool IsSystem = false)
{
    /// <summary>Modification time of what the build makes itself, in seconds since 1970: 2025-01-01. Fixed, so that equal trees make equal archives.</summary>
    public const ulong BuildTime = 1735689600;

    /// <summary>Owner.</summary>
    public uint UserId { get; init; }

    /// <summary>Group.</summary>
    public uint GroupId { get; init; }

    /// <summary>Modification time in seconds since 1970.</summary>
    public ulong ModifiedSeconds { get; init; } = BuildTime;

    /// <summary>Extended attributes, xattr(7), as <see cref="BootArchiveAttributes"/> describes them; empty for most.</summary>
    public ReadOnlyMemory<byte> Attributes { get; init; }

    /// <summary>Type bits of the mode.</summary>
    public uint Type => Mode & BootArchive.TypeMask;

    /// <summary>Target of a symbolic link.</summary>
    public string Target => Content.Text;
}

/// <summary>Number of a device node.</summary>
public readonly record struct DeviceNumber(uint Major, uint Minor)
{
    /// <summary>The number as stat(2) gives it in st_rdev: major in bits 8 to 19, minor in bits 0 to 7 and 20 to 31.</summary>
    public uint Encoded => (Major << 8) | (Minor & 0xff) | ((Minor & 0xfff00) << 12);

    /// <summary>The number that <see cref="Encoded"/> gave.</summary>
    public static DeviceNumber Decode(uint encoded) => new((encoded >> 8) & 0xfff, (encoded & 0xff) | ((encoded >> 12) & 0xfff00));
}
