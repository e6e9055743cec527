using System.Runtime.InteropServices;

namespace Libsys.Personality;

/// <summary>ELF64 file header (System V ABI, chapter 4). Named as there.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ElfHeader
{
#pragma warning disable CS1591 // the standard's names
    public uint Magic;
    public byte Class, Data, Version, OsAbi;
    public ulong Padding;
    public ushort Type, Machine;
    public uint FileVersion;
    public ulong Entry, ProgramHeaders, SectionHeaders;
    public uint Flags;
    public ushort HeaderSize, ProgramHeaderSize, ProgramHeaderCount, SectionHeaderSize, SectionHeaderCount, SectionNames;

    public const uint MagicValue = 0x464C457F;
    public const ushort Executable = 2, SharedObject = 3, X86_64 = 62;
#pragma warning restore CS1591
}

/// <summary>ELF64 program header.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ElfProgramHeader
{
#pragma warning disable CS1591 // the standard's names
    public uint Type, Flags;
    public ulong Offset, VirtualAddress, PhysicalAddress, FileSize, MemorySize, Alignment;

    public const uint Load = 1, Interpreter = 3, HeaderTable = 6, GnuStack = 0x6474E551;
    public const uint Execute = 1, Write = 2, Read = 4;
#pragma warning restore CS1591
}
