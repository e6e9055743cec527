using System.Buffers.Binary;

namespace Microkernel.Image.Elf;

/// <summary>A section of an <see cref="ObjectFile"/> that grows as data is appended.</summary>
internal sealed class Section(string name, SectionType type, SectionFlags flags, uint alignment)
{
    private readonly List<byte> data = [];
    private readonly List<Relocation> relocations = [];

    public string Name { get; } = name;
    public SectionType Type { get; } = type;
    public SectionFlags Flags { get; } = flags;

    /// <summary>Alignment in bytes; grows when something in the section asks for more.</summary>
    public uint Alignment { get; private set; } = alignment;

    /// <summary>Bytes so far: the offset of what is appended next.</summary>
    public ulong Length { get; private set; }

    public IReadOnlyList<Relocation> Relocations => relocations;

    /// <summary>The contents; empty for <see cref="SectionType.NoBits"/>.</summary>
    public ReadOnlySpan<byte> Contents => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(data);

    /// <summary>Pads to a multiple of <paramref name="alignment"/> (a power of two) and returns the offset reached.</summary>
    public ulong Align(uint alignment, byte fill = 0)
    {
        if (alignment > Alignment)
            Alignment = alignment;
        while (Length % alignment != 0)
            Byte(fill);
        return Length;
    }

    /// <summary>Appends <paramref name="count"/> zero bytes and returns their offset.</summary>
    public ulong Reserve(ulong count)
    {
        ulong start = Length;
        if (Type != SectionType.NoBits)
            data.AddRange(new byte[count]);
        Length += count;
        return start;
    }

    public void Byte(byte value) => Bytes([value]);

    public void UInt16(ushort value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
        Bytes(bytes);
    }

    public void UInt32(uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        Bytes(bytes);
    }

    public void UInt64(ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        Bytes(bytes);
    }

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        if (Type == SectionType.NoBits && bytes.IndexOfAnyExcept((byte)0) >= 0)
            throw new InvalidOperationException($"section {Name} holds no bits");
        if (Type != SectionType.NoBits)
            data.AddRange(bytes);
        Length += (ulong)bytes.Length;
    }

    /// <summary>Appends the 64-bit address of a symbol.</summary>
    public void Pointer64(string symbol, long addend = 0)
    {
        Relocate(Length, RelocationType.Absolute64, symbol, addend);
        UInt64(0);
    }

    /// <summary>Appends the 32-bit address of a symbol, which the linker checks to be below 4 GiB.</summary>
    public void Pointer32(string symbol, long addend = 0)
    {
        Relocate(Length, RelocationType.Absolute32, symbol, addend);
        UInt32(0);
    }

    /// <summary>Asks the linker to fill in an address at <paramref name="offset"/>.</summary>
    public void Relocate(ulong offset, RelocationType type, string symbol, long addend) =>
        relocations.Add(new Relocation(offset, type, symbol, addend));

    /// <summary>Overwrites bytes already appended.</summary>
    public void Patch(ulong offset, ReadOnlySpan<byte> bytes) =>
        bytes.CopyTo(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(data)[(int)offset..]);
}

/// <summary>An address that the linker fills in.</summary>
internal readonly record struct Relocation(ulong Offset, RelocationType Type, string Symbol, long Addend);
