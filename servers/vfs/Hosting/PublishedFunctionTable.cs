using System.Buffers.Binary;
using System.Text;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Sys.Pci;

namespace Servers.Vfs.Hosting;

/// <summary>The table that the pci server publishes, mapped read-only.</summary>
internal sealed class PublishedFunctionTable : IFunctionTable
{
    private const int LongestDriver = 64, AddressMask = 0xFFFF;

    private readonly MappedMemory memory;
    private readonly byte[] copy = new byte[FunctionTable.EntryLength];

    /// <summary>A table that the pci server has filled.</summary>
    public PublishedFunctionTable(MappedMemory memory)
    {
        this.memory = memory;
        while (Count < FunctionTable.Entries && Read(Count) != null)
            Count++;
    }

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public FunctionEntry? Read(int place)
    {
        var source = new SequencedEntry(memory, (ulong)place * FunctionTable.EntryLength, FunctionTable.EntryLength);
        if (!source.TryRead(copy))
            return null;
        uint address = Word(FunctionTable.Address);
        if ((address & FunctionTable.Present) == 0)
            return null;
        var ranges = new AddressRange[FunctionTable.RangeCount];
        for (int number = 0; number < ranges.Length; number++)
        {
            int at = FunctionTable.Ranges + number * FunctionTable.RangeLength;
            ranges[number] = new AddressRange(Long(at), Long(at + sizeof(ulong)), (uint)Long(at + 2 * sizeof(ulong)));
        }

        int length = (int)Math.Clamp(Word(FunctionTable.ConfigurationLength), FunctionTable.ShortConfiguration, FunctionTable.LongConfiguration);
        int driver = (int)Math.Min(Word(FunctionTable.DriverLength), LongestDriver);
        return new FunctionEntry((int)(address & AddressMask), copy.AsSpan(FunctionTable.Configuration, length).ToArray(), ranges,
            Encoding.UTF8.GetString(copy.AsSpan(FunctionTable.Driver, driver)));
    }

    private uint Word(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(copy.AsSpan(offset));

    private ulong Long(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(copy.AsSpan(offset));
}
