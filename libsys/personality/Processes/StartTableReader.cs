using System;
using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>
/// Reads a <see cref="StartTable"/> that a hostile program may have written: every field is read once, every offset and count is checked against
/// the table's length before use. The table is mapped read-only and its writer's mapping ends with the old space, but nothing here relies on that: a string
/// whose NUL is gone at the second look is cut at the table's end.
/// </summary>
internal ref struct StartTableReader
{
    private const int HeaderLength = 80;
    private const int DescriptorLength = 16, HandleLength = 8;

    private ReadOnlySpan<byte> table;

    /// <summary>How the program starts.</summary>
    public StartMode Mode { get; private set; }
    /// <summary>Number of arguments.</summary>
    public int ArgumentCount { get; private set; }
    /// <summary>Number of environment strings.</summary>
    public int EnvironmentCount { get; private set; }
    /// <summary>Number of open descriptors.</summary>
    public int DescriptorCount { get; private set; }
    /// <summary>Number of named kernel handles.</summary>
    public int HandleCount { get; private set; }
    /// <summary>vfs handle of the directory that the path is relative to, 0xFFFFFFFF = working directory.</summary>
    public uint PathBase { get; private set; }
    /// <summary>Blocked signals of the first thread.</summary>
    public ulong SignalMask { get; private set; }
    /// <summary>Ignored signals.</summary>
    public ulong SignalsIgnored { get; private set; }
    /// <summary>File mode creation mask.</summary>
    public uint FileMask { get; private set; }
    /// <summary>Process slot in vfs.</summary>
    public uint ProcessSlot { get; private set; }

    private int path, arguments, environment, descriptors, handles;

    /// <summary>Checks header and arrays. False: not a start table, or one that lies about its extent.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> memory, out StartTableReader reader)
    {
        reader = default;
        if (memory.Length < HeaderLength || LittleEndian.UInt64(memory, 0) != StartTable.MagicValue)
            return false;
        uint length = LittleEndian.UInt32(memory, 8);
        if (length < HeaderLength || length > (uint)memory.Length)
            return false;
        reader.table = memory.Slice(0, (int)length);
        uint mode = LittleEndian.UInt32(memory, 12);
        if (mode is not ((uint)StartMode.Server or (uint)StartMode.Exec))
            return false;
        reader.Mode = (StartMode)mode;
        uint pathOffset = LittleEndian.UInt32(memory, 16);
        if (pathOffset < HeaderLength || pathOffset >= length)
            return false;
        reader.path = (int)pathOffset;
        if (!reader.Array(20, 24, 4, out int count, out reader.arguments))
            return false;
        reader.ArgumentCount = count;
        if (!reader.Array(28, 32, 4, out count, out reader.environment))
            return false;
        reader.EnvironmentCount = count;
        if (!reader.Array(36, 40, DescriptorLength, out count, out reader.descriptors))
            return false;
        reader.DescriptorCount = count;
        if (!reader.Array(44, 48, HandleLength, out count, out reader.handles))
            return false;
        reader.HandleCount = count;
        reader.PathBase = LittleEndian.UInt32(memory, 52);
        reader.SignalMask = LittleEndian.UInt64(memory, 56);
        reader.SignalsIgnored = LittleEndian.UInt64(memory, 64);
        reader.FileMask = LittleEndian.UInt32(memory, 72) & 0x1FF;
        reader.ProcessSlot = LittleEndian.UInt32(memory, 76);
        return true;
    }

    /// <summary>The path to execute, without NUL; empty if it does not end inside the table.</summary>
    public readonly ReadOnlySpan<byte> Path => StringAt((uint)path);

    /// <summary>An argument, without NUL; empty if it lies outside the table.</summary>
    public readonly ReadOnlySpan<byte> Argument(int index) => StringAt(LittleEndian.UInt32(table, arguments + index * 4));

    /// <summary>An environment string, without NUL; empty if it lies outside the table.</summary>
    public readonly ReadOnlySpan<byte> EnvironmentString(int index) => StringAt(LittleEndian.UInt32(table, environment + index * 4));

    /// <summary>An open descriptor: number, vfs handle and flags (1 = close on exec).</summary>
    public readonly void Descriptor(int index, out uint number, out uint handle, out uint flags)
    {
        int at = descriptors + index * DescriptorLength;
        number = LittleEndian.UInt32(table, at);
        handle = LittleEndian.UInt32(table, at + 4);
        flags = LittleEndian.UInt32(table, at + 8);
    }

    /// <summary>A named kernel handle.</summary>
    public readonly ReadOnlySpan<byte> Handle(int index, out uint handle)
    {
        int at = handles + index * HandleLength;
        handle = LittleEndian.UInt32(table, at + 4);
        return StringAt(LittleEndian.UInt32(table, at));
    }

    private readonly bool Array(int countField, int offsetField, int elementLength, out int count, out int offset)
    {
        uint elements = LittleEndian.UInt32(table, countField);
        uint start = LittleEndian.UInt32(table, offsetField);
        count = 0;
        offset = 0;
        if (elements == 0)
            return true;
        if (start > (uint)table.Length || elements > (uint)(table.Length - (int)start) / (uint)elementLength)
            return false;
        count = (int)elements;
        offset = (int)start;
        return true;
    }

    private readonly ReadOnlySpan<byte> StringAt(uint offset)
    {
        if (offset >= (uint)table.Length)
            return default;
        for (int end = (int)offset; end < table.Length; end++)
        {
            if (table[end] == 0)
                return table.Slice((int)offset, end - (int)offset);
        }
        return default;
    }
}
