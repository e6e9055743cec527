using System.Runtime.InteropServices;

namespace Microkernel;

/// <summary>PVH start info (Xen, public/arch-x86/hvm/start_info.h describes it).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct StartInfo
{
    public uint Magic, Version, Flags, ModuleCount;
    public ulong Modules, CommandLine, RootPointer, MemoryMap;
    public uint MemoryMapCount, Reserved;

    public const uint MagicValue = 0x336e_c578;
}

/// <summary>A file that the loader put in memory.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct StartModule
{
    public ulong Address, Length, CommandLine, Reserved;
}

/// <summary>A range of the memory map; type 1 is memory.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct StartMemory
{
    public ulong Address, Length;
    public uint Type, Reserved;

    public const uint Usable = 1;
}
