namespace Libsys.Hosting.Symbols;

/// <summary>
/// The format of the table by which crash reports name functions and source lines of a program without a symbol table of its own. The build tool makes one
/// from each server's DWARF and from the personality's; the boot archive carries it as the system entry <see cref="EntryPrefix"/> + name.
/// <code>
/// header     u32 magic "CTB1", u32 blocks, u32 offset of the files, u32 files            little endian; offsets from the table's start
/// blocks     (u64 address of the first function, u32 offset of the functions, u32 functions)   ascending by address
/// functions  block after block, ascending by address, none overlapping:
///              gap      bytes between the end of the previous function and this one (0 for a block's first)
///              length   bytes of code
///              shared   leading bytes that the name has in common with the previous one of the block
///              rest     length of the rest of the name, and its UTF-8
///              lines    number of entries, then for each:
///                address  bytes from the previous entry (from the function's start)
///                change   bit 0: a file number follows; the others: zigzag difference to the previous line (to 0)
///                file     if said so; stays for the entries that follow
/// files      (length, UTF-8)   paths below the repository's root
/// </code>
/// All numbers after the blocks are LEB128 without sign. Line 0 means code without source; only source files of the project have lines. The code of a
/// block is read from its start to look something up: that bounds the work, and differences keep the numbers short.
/// </summary>
public static class CodeTable
{
    /// <summary>The bytes "CTB1".</summary>
    public const uint Magic = 0x31425443;

    /// <summary>What the names of tables in the boot archive begin with.</summary>
    public const string EntryPrefix = "symbols/";

    /// <summary>The table of the personality, which is mapped in every process.</summary>
    public const string Personality = "personality";

    /// <summary>Bytes before the blocks.</summary>
    public const int HeaderLength = 16;

    /// <summary>Bytes of one block's entry.</summary>
    public const int BlockLength = 16;

    /// <summary>Functions in one block: their names and lines are some 2 KiB, and the blocks' entries half a byte a function.</summary>
    public const int FunctionsInBlock = 32;

    /// <summary>Longest name in bytes; a generic instance's can be longer than anybody wants to read.</summary>
    public const int LongestName = 200;
}
