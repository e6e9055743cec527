namespace Servers.Drivers.Pci.Bus;

/// <summary>
/// Configuration space of all functions. An address is bus, device and function as in <see cref="Function.Address"/>; offsets are multiples of 4 below 4,096.
/// </summary>
public interface IConfigurationSpace
{
    /// <summary>Highest bus that can be reached.</summary>
    int LastBus { get; }

    /// <summary>Reads 32 bits; all ones where no function answers.</summary>
    uint Read(int address, int offset);

    /// <summary>Writes 32 bits.</summary>
    void Write(int address, int offset, uint value);
}
