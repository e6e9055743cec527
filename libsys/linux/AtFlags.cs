namespace Libsys.Linux;

/// <summary>Numbers of the *at calls, with Linux' values.</summary>
public static class AtFlags
{
#pragma warning disable CS1591 // openat(2), fstatat(2), linkat(2), faccessat(2), statx(2)
    public const ulong NoFollow = 0x100, EffectiveAccess = 0x200, RemoveDirectory = 0x200, Follow = 0x400, NoAutoMount = 0x800, EmptyPath = 0x1000,
        SyncType = 0x6000;
#pragma warning restore CS1591

    /// <summary>AT_FDCWD: in place of a descriptor, the working directory.</summary>
    public const int WorkingDirectory = -100;
}

/// <summary>Flags of renameat2(2).</summary>
public static class RenameFlags
{
#pragma warning disable CS1591
    public const ulong NoReplace = 1, Exchange = 2, Whiteout = 4;
#pragma warning restore CS1591
}
