using System.Runtime.CompilerServices;

namespace Libsys.Linux;

/// <summary>Flags of open(2) and fcntl(2) F_SETFL with their x86-64 numbers.</summary>
public static class OpenFlags
{
#pragma warning disable CS1591 // open(2)
    public const uint AccessMode = 3, ReadOnly = 0, WriteOnly = 1, ReadWrite = 2, Create = 0x40, Exclusive = 0x80, NoControllingTerminal = 0x100,
        Truncate = 0x200,
        Append = 0x400, NonBlock = 0x800, DataSync = 0x1000, Async = 0x2000, Direct = 0x4000, LargeFile = 0x8000, Directory = 0x10000, NoFollow = 0x20000,
        NoAccessTime = 0x40000, CloseOnExec = 0x80000, Sync = 0x101000, Path = 0x200000, TemporaryFileBit = 0x400000, TemporaryFile = 0x410000;
#pragma warning restore CS1591

    /// <summary>What F_SETFL may change, fcntl(2).</summary>
    public const uint Changeable = Append | NonBlock | Async | Direct | NoAccessTime;

    /// <summary>What a description keeps: the creation flags are used up by open(2).</summary>
    public const uint Kept = AccessMode | Changeable | Sync | LargeFile | Directory | NoFollow | Path;

    /// <summary>True if the access mode allows reading.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Reads(uint flags) => (flags & Path) == 0 && (flags & AccessMode) != WriteOnly && (flags & AccessMode) != 3;

    /// <summary>True if the access mode allows writing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Writes(uint flags) => (flags & Path) == 0 && ((flags & AccessMode) == WriteOnly || (flags & AccessMode) == ReadWrite);
}
