using System.Buffers.Binary;
using Microkernel.Image.Elf;

namespace Microkernel.Image.Generate;

/// <summary>Emits a zeroed <typeparamref name="T"/> into a section and fills single fields: numbers now, addresses by the linker.</summary>
internal sealed class StructData<T> where T : struct
{
    private readonly Section section;
    private readonly ulong start;

    /// <param name="symbol">Gets defined at the start, with the struct's size.</param>
    public StructData(ObjectFile file, Section section, string symbol)
    {
        this.section = section;
        section.Align(8);
        start = section.Reserve((ulong)Layout.SizeOf<T>());
        file.Define(symbol, section, start, SymbolKind.Object, (ulong)Layout.SizeOf<T>());
    }

    /// <summary>Sets a 64-bit field to a number.</summary>
    public StructData<T> Set(string field, ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        section.Patch(start + (ulong)Layout.OffsetOf<T>(field), bytes);
        return this;
    }

    /// <summary>Sets a 64-bit field to the address of a symbol.</summary>
    public StructData<T> SetAddress(string field, string symbol, long addend = 0)
    {
        section.Relocate(start + (ulong)Layout.OffsetOf<T>(field), RelocationType.Absolute64, symbol, addend);
        return this;
    }
}
