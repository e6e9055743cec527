using System.Runtime.InteropServices;

namespace Libsys.Abi;

/// <summary>
/// The boot archive: one file, loaded by the boot loader, that carries the servers, the boot manifest and the root file system.
/// Little endian. Layout: header, entries, names, then file data. The data of each regular file starts on a page and is zero-padded to
/// the next one, so that its pages can be adopted as file pages without a copy.
/// </summary>
/// <remarks>
/// <para>
/// Files of a large root lie in a second object, the <i>root image</i>, which nobody copies (docs/decisions/root-image.md). Any bytes may lie there; those
/// that an entry with <see cref="ImageFlag"/> names are padded as those of the archive.
/// </para>
/// <para>
/// System entries (see <see cref="SystemFlag"/>) come first, then the root file system. Both groups are sorted by name with '/' before every
/// other byte: parents precede their children, no name occurs twice, and a name is found by binary search. Of a file with several names the
/// first in this order holds the data, so that whoever reads the entries once, from first to last, always knows the file that a further name is for.
/// </para>
/// </remarks>
public static class BootArchive
{
    /// <summary>The bytes "MKBOOT01".</summary>
    public const ulong Magic = 0x3130544F4F424B4D;

    /// <summary>Version of the layout. A reader takes exactly the version that it knows.</summary>
    public const uint Version = 3;

    /// <summary>Size of <see cref="BootArchiveHeader"/> in bytes.</summary>
    public const int HeaderSize = 80;

    /// <summary>Size of <see cref="BootArchiveEntry"/> in bytes.</summary>
    public const int EntrySize = 64;

    /// <summary>Alignment of file data in bytes: the size of a page, so that a page never holds two files.</summary>
    public const int PageSize = 4096;

    /// <summary>Longest name or symbolic link target in bytes: PATH_MAX of Linux without its terminating zero.</summary>
    public const int LongestPath = 4095;

    /// <summary>Longest name of an extended attribute in bytes: XATTR_NAME_MAX of Linux, xattr(7).</summary>
    public const int LongestAttributeName = 255;

    /// <summary>Longest value of an extended attribute in bytes: XATTR_SIZE_MAX of Linux, xattr(7).</summary>
    public const int LongestAttributeValue = 65536;

    /// <summary>Flag: the entry is not part of the root file system ("supervisor", "manifest", ...).</summary>
    public const uint SystemFlag = 1;

    /// <summary>Flag: the data of the file lies in the root image. Never with <see cref="SystemFlag"/>, and never without data.</summary>
    public const uint ImageFlag = 2;

    /// <summary>Value of <see cref="BootArchiveEntry.HardLink"/> in an entry that holds its own data.</summary>
    public const uint NoHardLink = 0xffffffff;

    /// <summary>Offset of <see cref="BootArchiveHeader.Hash"/>, which counts as zero while the hash is computed.</summary>
    public const int HashOffset = 48;

    /// <summary>File type bits of a mode, inode(7).</summary>
    public const uint TypeMask = 0xf000;

    /// <summary>S_IFIFO.</summary>
    public const uint Fifo = 0x1000;

    /// <summary>S_IFCHR.</summary>
    public const uint CharacterDevice = 0x2000;

    /// <summary>S_IFDIR.</summary>
    public const uint Directory = 0x4000;

    /// <summary>S_IFBLK.</summary>
    public const uint BlockDevice = 0x6000;

    /// <summary>S_IFREG.</summary>
    public const uint RegularFile = 0x8000;

    /// <summary>S_IFLNK.</summary>
    public const uint SymbolicLink = 0xa000;
}

/// <summary>First bytes of a boot archive. All offsets count from the start of the archive, in bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct BootArchiveHeader
{
    /// <summary><see cref="BootArchive.Magic"/>.</summary>
    public ulong Magic;

    /// <summary><see cref="BootArchive.Version"/>.</summary>
    public uint Version;

    /// <summary>Number of entries.</summary>
    public uint EntryCount;

    /// <summary>Where the entries start; a multiple of 8.</summary>
    public ulong EntriesOffset;

    /// <summary>Where the names, symbolic link targets and extended attributes start, directly behind the entries.</summary>
    public ulong NamesOffset;

    /// <summary>Length of names, symbolic link targets and extended attributes together. They have no terminator.</summary>
    public ulong NamesLength;

    /// <summary>Length of the whole archive, a multiple of <see cref="BootArchive.PageSize"/>.</summary>
    public ulong TotalLength;

    /// <summary><see cref="BootArchiveHash"/> over header, entries and names, with this field taken as zero. It finds accidents, not attacks.</summary>
    public ulong Hash;

    /// <summary>Bytes of the root image that entries may name, a multiple of <see cref="BootArchive.PageSize"/>; zero: there is none.</summary>
    public ulong ImageLength;

    /// <summary>
    /// The eight bytes at <see cref="BootArchive.HashOffset"/> of the root image, which is a boot archive too, so that nobody takes another for it. Zero
    /// without an image.
    /// </summary>
    public ulong ImageHash;

    /// <summary>Zero.</summary>
    public ulong Reserved;
}

/// <summary>One file, directory, device node or symbolic link.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct BootArchiveEntry
{
    /// <summary>Start of the full path, without leading slash, relative to the names.</summary>
    public uint NameOffset;

    /// <summary>Length of the path in bytes, 1 to <see cref="BootArchive.LongestPath"/>.</summary>
    public uint NameLength;

    /// <summary>st_mode of Linux: type and permission bits, inode(7).</summary>
    public uint Mode;

    /// <summary>Owner.</summary>
    public uint UserId;

    /// <summary>Group.</summary>
    public uint GroupId;

    /// <summary>Device number of a device node, else zero: major in bits 8 to 19, minor in bits 0 to 7 and 20 to 31, as stat(2) gives it.</summary>
    public uint Device;

    /// <summary><see cref="BootArchive.SystemFlag"/> and <see cref="BootArchive.ImageFlag"/>. The other bits are zero.</summary>
    public uint Flags;

    /// <summary>
    /// For a further name of a file that is no directory: the index of its first name, which lies before this entry and holds data and extended
    /// attributes; else <see cref="BootArchive.NoHardLink"/>. Mode, owner, group and device are those of the first name.
    /// </summary>
    public uint HardLink;

    /// <summary>Modification time in seconds since 1970.</summary>
    public ulong ModifiedSeconds;

    /// <summary>
    /// Regular file: page-aligned start of the data, here or in the root image. Symbolic link: start of the target, inside the names. Zero when the length is
    /// zero.
    /// </summary>
    public ulong DataOffset;

    /// <summary>Length of the data or of the target in bytes, without padding.</summary>
    public ulong DataLength;

    /// <summary>Start of the extended attributes, relative to the names; zero without any. <see cref="BootArchiveAttributes"/> reads them.</summary>
    public uint AttributesOffset;

    /// <summary>Length of the extended attributes in bytes; zero without any.</summary>
    public uint AttributesLength;
}
