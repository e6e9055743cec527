namespace Servers.Vfs.Ext4;

/// <summary>Features that who does not know them may ignore: s_feature_compat. Numbers: the Linux kernel's documentation of ext4's format.</summary>
[Flags]
internal enum CompatibleFeatures : uint
{
    None = 0,
    HasJournal = 4,
    ExtendedAttributes = 8,
    ResizeInode = 0x10,
    IndexedDirectories = 0x20,
    SparseSuper2 = 0x200,
    FastCommit = 0x400,
    OrphanFile = 0x1000,
}

/// <summary>Features without which nothing can be read: s_feature_incompat.</summary>
[Flags]
internal enum IncompatibleFeatures : uint
{
    None = 0,
    FileType = 2,
    NeedsRecovery = 4,
    JournalDevice = 8,
    MetaGroups = 0x10,
    Extents = 0x40,
    Is64Bit = 0x80,
    FlexibleGroups = 0x200,
    AttributeInodes = 0x400,
    ChecksumSeed = 0x2000,
    LargeDirectories = 0x4000,
    InlineData = 0x8000,

    /// <summary>All that is understood.</summary>
    Known = FileType | NeedsRecovery | MetaGroups | Extents | Is64Bit | FlexibleGroups | AttributeInodes | ChecksumSeed | LargeDirectories | InlineData,
}

/// <summary>Features without which nothing can be written: s_feature_ro_compat.</summary>
[Flags]
internal enum ReadOnlyFeatures : uint
{
    None = 0,
    SparseSuper = 1,
    LargeFiles = 2,
    HugeFiles = 8,
    GroupChecksums = 0x10,
    ManyLinks = 0x20,
    ExtraInodeSize = 0x40,
    BigAllocation = 0x200,
    MetadataChecksums = 0x400,
    OrphansPresent = 0x10000,

    /// <summary>All that may be written.</summary>
    Known = SparseSuper | LargeFiles | HugeFiles | GroupChecksums | ManyLinks | ExtraInodeSize | MetadataChecksums,
}
