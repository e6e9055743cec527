using Servers.Drivers.Pci.Bus;

namespace Servers.Drivers.Pci.Tests;

/// <summary>Functions with registers that keep what their masks let through, PCI Local Bus 3.0 §6.1.</summary>
internal sealed class TestBus : IConfigurationSpace
{
    private readonly Dictionary<int, (uint[] Words, uint[] Masks)> functions = [];

    public int LastBus { get; init; } = 255;

    /// <summary>Reads of one word, and whether it ever answers otherwise.</summary>
    public Func<int, int, uint, uint> Answer { get; set; } = static (_, _, word) => word;

    /// <summary>Told of each write, before it is carried out.</summary>
    public Action<int, int, uint> Writing { get; set; } = static (_, _, _) => { };

    /// <summary>Adds a function; its command can be written.</summary>
    public void Add(int address, uint identity, byte header = 0)
    {
        var words = new uint[1024];
        var masks = new uint[1024];
        (words[0], words[3], masks[1]) = (identity, (uint)header << 16, 0x547);
        functions.Add(address, (words, masks));
    }

    /// <summary>Sets a word, and which bits of it can be written.</summary>
    public void Set(int address, int offset, uint word, uint mask = 0)
    {
        functions[address].Words[offset / 4] = word;
        functions[address].Masks[offset / 4] = mask;
    }

    public uint Read(int address, int offset) =>
        Answer(address, offset, functions.TryGetValue(address, out (uint[] Words, uint[] Masks) function) ? function.Words[offset / 4] : uint.MaxValue);

    public void Write(int address, int offset, uint value)
    {
        (uint[] words, uint[] masks) = functions[address];
        Writing(address, offset, value);
        words[offset / 4] = (words[offset / 4] & ~masks[offset / 4]) | (value & masks[offset / 4]);
    }
}
