namespace Microkernel.Image.Elf;

/// <summary>Section types (System V gABI, "Sections").</summary>
internal enum SectionType : uint
{
    Null = 0,
    ProgramBits = 1,
    SymbolTable = 2,
    StringTable = 3,
    RelocationsWithAddend = 4,
    Note = 7,
    NoBits = 8,
}

/// <summary>Section flags (System V gABI, "Sections").</summary>
[Flags]
internal enum SectionFlags : ulong
{
    None = 0,
    Write = 1,
    Allocate = 2,
    Execute = 4,
    InfoLink = 0x40,
}

/// <summary>Relocation types (System V psABI x86-64, table 4.9).</summary>
internal enum RelocationType : uint
{
    /// <summary>64-bit absolute address.</summary>
    Absolute64 = 1,

    /// <summary>32-bit distance from the place of the relocation.</summary>
    ProgramCounter32 = 2,

    /// <summary>32-bit absolute address, zero-extended.</summary>
    Absolute32 = 10,

    /// <summary>32-bit absolute address, sign-extended.</summary>
    Absolute32Signed = 11,
}

/// <summary>What a symbol names.</summary>
internal enum SymbolKind : byte
{
    None = 0,
    Object = 1,
    Function = 2,
}
