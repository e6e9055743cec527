namespace Microkernel.Image.Root;

/// <summary>One file, directory, device node or symbolic link of the image, independent of the archive format.</summary>
/// <param name="Path">Full path without leading slash.</param>
/// <param name="Mode">st_mode of Linux: type and permission bits.</param>
/// <param name="Content">File content or symbolic link target; empty for all other types.</param>
/// <param name="Device">Device number of a device node, else zero.</param>
/// <param name="HardLinkTo">Path of the entry that holds the content, for a further name of a file.</param>
/// <param name="IsSystem">True for what the boot needs but the root file system does not show (servers, manifest).</param>
public sealed record RootEntry(
    string Path, uint Mode, ReadOnlyMemory<byte> Content, DeviceNumber Device = default, string? HardLinkTo = null, bool IsSystem = false)
{
    /// <summary>Modification time of every entry, in seconds since 1970: 2025-01-01. Fixed, so that equal trees make equal archives.</summary>
    public const ulong ModifiedSeconds = 1735689600;

    /// <summary>Type bits of the mode.</summary>
    public uint Type => Mode & Libsys.Abi.BootArchive.TypeMask;
}

/// <summary>Number of a device node.</summary>
public readonly record struct DeviceNumber(uint Major, uint Minor)
{
    /// <summary>The number as stat(2) gives it in st_rdev: major in bits 8 to 19, minor in bits 0 to 7 and 20 to 31.</summary>
    public uint Encoded => (Major << 8) | (Minor & 0xff) | ((Minor & 0xfff00) << 12);
}
