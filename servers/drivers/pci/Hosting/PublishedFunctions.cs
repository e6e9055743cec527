using System.Text;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Drivers.Pci.Bus;

namespace Servers.Drivers.Pci.Hosting;

/// <summary>The table of functions (<see cref="FunctionTable"/>). It outlives this process, with what functions answer at.</summary>
internal sealed class PublishedFunctions(MappedMemory memory)
{
    private const int AddressMask = 0xFFFF, LongestDriver = 64;

    /// <summary>Takes a function's ranges from what a predecessor found: a function that a driver uses is not sized again.</summary>
    public bool TryRestore(int place, Function function)
    {
        ulong at = At(place);
        uint address = memory.ReadUInt32(at + FunctionTable.Address);
        if ((memory.ReadUInt32(at) & 1) != 0 || (address & FunctionTable.Present) == 0 || (address & AddressMask) != function.Address)
            return false;
        var ranges = new FunctionRange[FunctionTable.RangeCount];
        for (int number = 0; number < ranges.Length; number++)
        {
            ulong range = at + (ulong)(FunctionTable.Ranges + number * FunctionTable.RangeLength);
            ranges[number] = new FunctionRange(memory.ReadUInt64(range), memory.ReadUInt64(range + 8), (uint)memory.ReadUInt64(range + 16));
        }

        function.Ranges = ranges;
        return true;
    }

    /// <summary>Writes an entry, with the configuration space as it is now.</summary>
    public void Write(int place, Function function, string driver)
    {
        ulong at = At(place);
        var entry = new SequencedEntry(memory, at, FunctionTable.EntryLength);
        entry.BeginWrite();
        memory.WriteUInt32(at + FunctionTable.ConfigurationLength, (uint)function.ConfigurationLength);
        byte[] name = Encoding.UTF8.GetBytes(driver);
        int length = Math.Min(name.Length, LongestDriver);
        memory.WriteUInt32(at + FunctionTable.DriverLength, (uint)length);
        name.AsSpan(0, length).CopyTo(memory.Span(at + FunctionTable.Driver, length));
        for (int number = 0; number < function.Ranges.Count; number++)
        {
            ulong range = at + (ulong)(FunctionTable.Ranges + number * FunctionTable.RangeLength);
            memory.WriteUInt64(range, function.Ranges[number].Address);
            memory.WriteUInt64(range + 8, function.Ranges[number].Length);
            memory.WriteUInt64(range + 16, function.Ranges[number].Flags);
        }

        for (int offset = 0; offset < function.ConfigurationLength; offset += sizeof(uint))
            memory.WriteUInt32(at + (ulong)(FunctionTable.Configuration + offset), function.Read(offset));
        memory.WriteUInt32(at + FunctionTable.Address, FunctionTable.Present | (uint)function.Address);
        entry.EndWrite();
    }

    private static ulong At(int place) => (ulong)place * FunctionTable.EntryLength;
}
