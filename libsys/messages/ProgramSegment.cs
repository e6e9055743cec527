using System.Runtime.InteropServices;

namespace Libsys.Messages;

/// <summary>One entry of <see cref="VfsOperation.MapProgram"/>: a part of an executable file and where it goes. All of it is a claim, as with Map.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct ProgramSegment
{
    /// <summary>Address in the asking space, page aligned, where nothing is.</summary>
    public ulong Address;

    /// <summary>Bytes, whole pages.</summary>
    public ulong PageLength;

    /// <summary>Offset in the file, page aligned.</summary>
    public ulong Offset;

    /// <summary>A <see cref="Libsys.Abi.MapFlags"/>.</summary>
    public ulong Flags;

    /// <summary>Bytes of an entry.</summary>
    public const int EntryLength = 32;

    /// <summary>Most entries of a request: as many as an ELF file may have program headers.</summary>
    public const int Most = 4096 / 56;
}
