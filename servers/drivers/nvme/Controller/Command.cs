using Libsys.Hosting;

namespace Servers.Drivers.Nvme.Controller;

/// <summary>A command: NVMe 1.4 §4.2, figure 105. What it does not name is zero: no metadata, memory by PRPs.</summary>
internal readonly record struct Command
{
    /// <summary>Bytes of one in a queue.</summary>
    public const int Length = 64;

    // Offsets: command dword 0, namespace, both PRP entries, command dwords 10, 12.
    private const ulong NamespaceField = 4, Prp1Field = 24, Prp2Field = 32, Dword10Field = 40, Dword12Field = 48;

    private const int IdentifierShift = 16;

    /// <summary>What it asks.</summary>
    public byte Opcode { get; init; }

    /// <summary>Namespace; 0: none.</summary>
    public uint Namespace { get; init; }

    /// <summary>The first page's memory.</summary>
    public ulong Prp1 { get; init; }

    /// <summary>The second page's memory, or a list of all pages but the first.</summary>
    public ulong Prp2 { get; init; }

    /// <summary>Dwords 10 and 11: of reads and writes the first block.</summary>
    public ulong Dword10 { get; init; }

    /// <summary>Dword 12: of reads and writes the number of blocks less one.</summary>
    public uint Dword12 { get; init; }

    /// <summary>Writes it to a queue's entry.</summary>
    public void Write(MappedMemory memory, ulong at, ushort identifier)
    {
        memory.Span(at, Length).Clear();
        memory.WriteUInt32(at, Opcode | (uint)identifier << IdentifierShift);
        memory.WriteUInt32(at + NamespaceField, Namespace);
        memory.WriteUInt64(at + Prp1Field, Prp1);
        memory.WriteUInt64(at + Prp2Field, Prp2);
        memory.WriteUInt64(at + Dword10Field, Dword10);
        memory.WriteUInt32(at + Dword12Field, Dword12);
    }
}

/// <summary>Opcodes of admin commands (NVMe 1.4 §5) and of the NVM command set (§6).</summary>
internal static class Opcode
{
#pragma warning disable CS1591 // the names say it
    public const byte CreateSubmissionQueue = 0x01, CreateCompletionQueue = 0x05, Identify = 0x06, SetFeatures = 0x09;
    public const byte Flush = 0x00, Write = 0x01, Read = 0x02, WriteZeroes = 0x08, DatasetManagement = 0x09;
#pragma warning restore CS1591
}
