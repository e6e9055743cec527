using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>
/// Lays out a <see cref="StartTable"/>: header, descriptors, offset arrays, then strings. The memory can hold anything; the caller copies each string itself
/// (from the program, with a copy stub) to the place that <see cref="Free"/> names and then calls <see cref="AddPath"/> or <see cref="AddString"/>.
/// </summary>
internal unsafe struct StartTableWriter
{
    // Offsets of the header's fields, in the order of StartTable.
    private const int MagicAt = 0, LengthAt = 8, ModeAt = 12, PathAt = 16, ArgumentCountAt = 20, ArgumentsAt = 24, EnvironmentCountAt = 28,
        EnvironmentAt = 32, DescriptorCountAt = 36, DescriptorsAt = 40, PathBaseAt = 52, SignalMaskAt = 56, SignalsIgnoredAt = 64, FileMaskAt = 72,
        ProcessSlotAt = 76;
    /// <summary>Bytes of the header.</summary>
    public const int HeaderLength = 80;
    /// <summary>Bytes of a <see cref="StartDescriptor"/>.</summary>
    public const int DescriptorLength = 16;

    private readonly byte* table;
    private readonly int length;
    private int position;
    private int descriptors;

    public StartTableWriter(byte* table, int length)
    {
        this.table = table;
        this.length = length;
        position = HeaderLength;
        descriptors = 0;
        for (int at = 0; at < HeaderLength; at += sizeof(uint))
            Write32(at, 0);
        Write64(MagicAt, StartTable.MagicValue);
        Write32(ModeAt, (uint)StartMode.Exec);
        Write32(DescriptorsAt, HeaderLength);
    }

    /// <summary>Offset of the first byte that is not used yet: where the next string goes.</summary>
    public readonly int Free => position;

    /// <summary>Bytes left.</summary>
    public readonly int Left => length - position;

    /// <summary>Fills the header's values that are not offsets.</summary>
    public readonly void SetState(uint pathBase, ulong signalMask, ulong signalsIgnored, uint fileMask, uint processSlot)
    {
        Write32(PathBaseAt, pathBase);
        Write64(SignalMaskAt, signalMask);
        Write64(SignalsIgnoredAt, signalsIgnored);
        Write32(FileMaskAt, fileMask);
        Write32(ProcessSlotAt, processSlot);
    }

    /// <summary>Adds a descriptor, in ascending order, before any string. False if the table is full.</summary>
    public bool AddDescriptor(uint number, uint handle, uint flags)
    {
        if (Left < DescriptorLength)
            return false;
        Write32(position, number);
        Write32(position + 4, handle);
        Write32(position + 8, flags);
        Write32(position + 12, 0);
        position += DescriptorLength;
        descriptors++;
        Write32(DescriptorCountAt, (uint)descriptors);
        return true;
    }

    /// <summary>Reserves the offset arrays, after the descriptors and before the strings. False if they do not fit.</summary>
    public bool ReserveStrings(int arguments, int environment)
    {
        if (arguments < 0 || environment < 0 || ((long)arguments + environment) * 4 > Left)
            return false;
        Write32(ArgumentsAt, (uint)position);
        position += arguments * 4;
        Write32(EnvironmentAt, (uint)position);
        position += environment * 4;
        return true;
    }

    /// <summary>The bytes at <see cref="Free"/> are the path: <paramref name="length"/> without the NUL that follows it.</summary>
    public void AddPath(int length)
    {
        Write32(PathAt, (uint)position);
        position += length + 1;
    }

    /// <summary>The bytes at <see cref="Free"/> are argument number <paramref name="index"/>. Arguments are added in order.</summary>
    public void AddArgument(int index, int length) => AddString(ArgumentsAt, ArgumentCountAt, index, length);

    /// <summary>The bytes at <see cref="Free"/> are environment string number <paramref name="index"/>.</summary>
    public void AddEnvironment(int index, int length) => AddString(EnvironmentAt, EnvironmentCountAt, index, length);

    /// <summary>Finishes the table and returns its length in bytes.</summary>
    public readonly int Finish()
    {
        Write32(LengthAt, (uint)position);
        return position;
    }

    private void AddString(int arrayField, int countField, int index, int length)
    {
        int array = *(int*)(table + arrayField);
        Write32(array + index * 4, (uint)position);
        Write32(countField, (uint)index + 1);
        position += length + 1;
    }

    private readonly void Write32(int offset, uint value) => *(uint*)(table + offset) = value;

    private readonly void Write64(int offset, ulong value) => *(ulong*)(table + offset) = value;
}
