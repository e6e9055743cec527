using System;
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Microkernel.Debug;

/// <summary>
/// Names and source lines of kernel code, for panics. The table is linked in by the build (image/Symbols/SymbolTable.cs describes its
/// format); it is constant, sorted data, so lookups need no memory, no lock and no other kernel part.
/// </summary>
internal static unsafe class SymbolTable
{
    private const uint Magic = 0x314d5953;

    private struct Header
    {
        public uint Magic, Functions, Lines, Files;
    }

    private struct Function
    {
        public uint Address, Length, Name;
    }

    private struct Line
    {
        public uint Address;
        public ushort File, Number;
    }

    // Only its address matters.
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "symbol_table")]
    private static extern void Table();

    private static byte* Start => (byte*)(delegate*<void>)&Table;

    private static Header* Valid
    {
        get
        {
            var header = (Header*)Start;
            return header->Magic == Magic ? header : null;
        }
    }

    /// <summary>The function that holds an address. Return addresses lie after their call, so look up one less.</summary>
    /// <param name="offset">Bytes from the function's start.</param>
    /// <returns>False if the address is in no known function.</returns>
    public static bool TryFindFunction(ulong address, out ReadOnlySpan<byte> name, out uint offset)
    {
        name = default;
        offset = 0;
        Header* header = Valid;
        if (header == null || address >> 32 != 0xffff_ffff)
            return false;
        var functions = (Function*)(header + 1);
        uint low = (uint)address;
        uint first = 0, end = header->Functions;
        while (first < end)
        {
            uint middle = (first + end) / 2;
            if (functions[middle].Address <= low)
                first = middle + 1;
            else
                end = middle;
        }
        if (first == 0 || low - functions[first - 1].Address >= functions[first - 1].Length)
            return false;
        name = Text(functions[first - 1].Name);
        offset = low - functions[first - 1].Address;
        return true;
    }

    /// <summary>The source line of an address: path below the repository's root and line number.</summary>
    public static bool TryFindLine(ulong address, out ReadOnlySpan<byte> file, out uint line)
    {
        file = default;
        line = 0;
        Header* header = Valid;
        if (header == null || address >> 32 != 0xffff_ffff)
            return false;
        var lines = (Line*)((Function*)(header + 1) + header->Functions);
        uint low = (uint)address;
        uint first = 0, end = header->Lines;
        while (first < end)
        {
            uint middle = (first + end) / 2;
            if (lines[middle].Address <= low)
                first = middle + 1;
            else
                end = middle;
        }
        if (first == 0 || lines[first - 1].Number == 0)
            return false;
        var files = (uint*)(lines + header->Lines);
        file = Text(files[lines[first - 1].File]);
        line = lines[first - 1].Number;
        return true;
    }

    private static ReadOnlySpan<byte> Text(uint offset)
    {
        byte* text = Start + offset;
        int length = 0;
        while (text[length] != 0)
            length++;
        return new ReadOnlySpan<byte>(text, length);
    }
}
