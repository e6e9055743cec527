namespace Servers.Processes.Linux;

/// <summary>Flags of clone(2) that matter to the process server.</summary>
[Flags]
internal enum CloneFlags : ulong
{
#pragma warning disable CS1591 // the names are Linux' own
    None = 0, CLONE_VM = 0x100, CLONE_FS = 0x200, CLONE_FILES = 0x400, CLONE_VFORK = 0x4000, CLONE_PARENT = 0x8000,
#pragma warning restore CS1591
}
