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

    // Null: there is no table, or it cannot know the address.
    private static Header* For(ulong address)
    {
        var header = (Header*)Start;
        return header->Magic == Magic && address >> 32 == 0xffff_ffff ? header : null;
    }

    /// <summary>The function that holds an address. Return addresses lie after their call, so look up one less.</summary>
    /// <param name="offset">Bytes from the function's start.</param>
    /// <returns>The name, empty if the address is in no known function.</returns>
    // Spans come back as results: as out parameters they would live in the caller's frame, which the compiler clears with vector registers.
    public static ReadOnlySpan<byte> FunctionAt(ulong address, out uint offset)
    {
        offset = 0;
        Header* header = For(address);
        if (header == null)
            return default;
        var functions = (Function*)(header + 1);
        uint low = (uint)address;
        uint first = CountUpTo((byte*)functions, (uint)sizeof(Function), header->Functions, low);
        if (first == 0 || low - functions[first - 1].Address >= functions[first - 1].Length)
            return default;
        offset = low - functions[first - 1].Address;
        return Text(functions[first - 1].Name);
    }

    /// <summary>The source line of an address.</summary>
    /// <returns>The file's path below the repository's root, empty if there is no source for the address.</returns>
    public static ReadOnlySpan<byte> FileAt(ulong address, out uint line)
    {
        line = 0;
        Header* header = For(address);
        if (header == null)
            return default;
        var lines = (Line*)((Function*)(header + 1) + header->Functions);
        uint first = CountUpTo((byte*)lines, (uint)sizeof(Line), header->Lines, (uint)address);
        if (first == 0 || lines[first - 1].Number == 0)
            return default;
        var files = (uint*)(lines + header->Lines);
        line = lines[first - 1].Number;
        return Text(files[lines[first - 1].File]);
    }

    // How many entries, sorted by the address that each starts with, do not lie above an address.
    private static uint CountUpTo(byte* entries, uint size, uint count, uint address)
    {
        uint first = 0, end = count;
        while (first < end)
        {
            uint middle = (first + end) / 2;
            if (*(uint*)(entries + (ulong)middle * size) <= address)
                first = middle + 1;
            else
                end = middle;
        }
        return first;
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
