namespace Libsys.Abi;

/// <summary>What is wrong with a boot archive.</summary>
public enum BootArchiveStatus : uint
{
    /// <summary>Nothing: every rule of <see cref="BootArchive"/> holds.</summary>
    Valid,

    /// <summary>Shorter than its header or than the header says.</summary>
    Truncated,

    /// <summary>Not a boot archive.</summary>
    BadMagic,

    /// <summary>Another version of the layout.</summary>
    BadVersion,

    /// <summary>A part lies outside the archive, over another part, or is not aligned; a reserved field is not zero.</summary>
    BadLayout,

    /// <summary>Header, entries or names were damaged.</summary>
    BadHash,

    /// <summary>A name is empty, too long, outside the names, or has an empty, "." or ".." component or a zero byte.</summary>
    BadName,

    /// <summary>Entries are not in order, or a name occurs twice.</summary>
    BadOrder,

    /// <summary>The directory that an entry lies in is missing or not a directory.</summary>
    MissingParent,

    /// <summary>Unknown file type, unknown flag, or fields that the type does not have.</summary>
    BadEntry,

    /// <summary>A hard link names no file before it that holds its own data, or one with another mode, owner or device.</summary>
    BadHardLink,

    /// <summary>Data lies outside the data area, over other data, is not page-aligned or not zero-padded.</summary>
    BadData,

    /// <summary>Extended attributes lie outside the names, are cut off, out of order, without a name, or belong to a hard link.</summary>
    BadAttributes,
}
