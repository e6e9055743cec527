namespace Servers.Vfs.Linux;

/// <summary>Flags of the *at calls, with Linux' numbers.</summary>
public static class AtFlags
{
#pragma warning disable CS1591 // openat(2), fstatat(2), linkat(2), faccessat(2)
    public const ulong NoFollow = 0x100, EffectiveAccess = 0x200, RemoveDirectory = 0x200, Follow = 0x400, NoAutoMount = 0x800, EmptyPath = 0x1000;
#pragma warning restore CS1591
}

/// <summary>Flags of renameat2(2).</summary>
public static class RenameFlags
{
#pragma warning disable CS1591
    public const ulong NoReplace = 1, Exchange = 2, Whiteout = 4;
#pragma warning restore CS1591
}

/// <summary>Bits of access(2), and of permission checks.</summary>
[Flags]
public enum AccessMode : uint
{
#pragma warning disable CS1591
    None = 0, Execute = 1, Write = 2, Read = 4,
#pragma warning restore CS1591
}
