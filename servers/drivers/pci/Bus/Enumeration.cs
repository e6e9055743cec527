namespace Servers.Drivers.Pci.Bus;

/// <summary>
/// Finds the functions on all buses, and what they answer at. The firmware has given them bus numbers and addresses; what has none stays without (PCI Local Bus
/// 3.0 §6.2.5).
/// </summary>
public static class Enumeration
{
    private const int Devices = 32, FunctionsEach = 8, FunctionBits = 3, BusBits = 8;
    private const uint SeveralFunctions = 1u << 23;

    /// <summary>All functions, in the order of their addresses, without their ranges.</summary>
    public static List<Function> Find(IConfigurationSpace space)
    {
        var found = new List<Function>();
        var buses = new Queue<int>([0]);
        var seen = new HashSet<int> { 0 };
        while (buses.TryDequeue(out int bus))
        {
            foreach (int address in Addresses(space, bus))
            {
                var function = new Function(space, address);
                found.Add(function);
                if (function.HeaderType != Registers.BridgeHeader)
                    continue;
                int behind = (int)(function.Read(Registers.Buses) >> BusBits & byte.MaxValue);
                if (behind <= space.LastBus && seen.Add(behind))
                    buses.Enqueue(behind);
            }
        }

        found.Sort(static (one, other) => one.Address.CompareTo(other.Address));
        return found;
    }

    /// <summary>
    /// Finds what a function answers at: the length is what a register keeps of all ones. Meanwhile it answers nowhere, so this is for functions that nobody
    /// uses.
    /// </summary>
    public static void Size(Function function)
    {
        uint command = function.Read(Registers.Command) & Registers.CommandMask;
        function.Write(Registers.Command, command & ~(Registers.PortSpace | Registers.MemorySpace));
        bool isBridge = function.HeaderType == Registers.BridgeHeader;
        int count = isBridge ? 2 : Libsys.Messages.PciLimits.Registers;
        var ranges = new FunctionRange[Libsys.Messages.PciLimits.Registers + 1];
        for (int register = 0; register < count && function.HeaderType <= Registers.BridgeHeader; register++)
        {
            ranges[register] = SizeRegister(function, Registers.BaseAddress + register * sizeof(uint), register + 1 < count);
            if ((ranges[register].Flags & (Registers.IsPorts | Registers.TypeMask)) == Registers.IsWide)
                register++;
        }

        ranges[^1] = SizeRom(function, isBridge ? Registers.BridgeRom : Registers.EndpointRom);
        function.Write(Registers.Command, command);
        function.Ranges = ranges;
    }

    private static FunctionRange SizeRegister(Function function, int at, bool mayBeWide)
    {
        uint low = function.Read(at);
        bool isPorts = (low & Registers.IsPorts) != 0;
        uint flagsMask = isPorts ? Registers.PortFlags : Registers.MemoryFlags;
        bool isWide = !isPorts && mayBeWide && (low & Registers.TypeMask) == Registers.IsWide;
        uint high = isWide ? function.Read(at + sizeof(uint)) : 0;
        function.Write(at, uint.MaxValue);
        uint lowMask = function.Read(at) & ~flagsMask;
        function.Write(at, low);
        uint highMask = isWide ? uint.MaxValue : 0;
        if (isWide)
        {
            function.Write(at + sizeof(uint), uint.MaxValue);
            highMask = function.Read(at + sizeof(uint));
            function.Write(at + sizeof(uint), high);
        }

        ulong mask = (ulong)highMask << 32 | lowMask;
        ulong address = (ulong)high << 32 | low & ~flagsMask;
        // The lowest bit that can be set is the length.
        return mask == 0 || address == 0 ? new FunctionRange(0, 0, low & flagsMask) : new FunctionRange(address, mask & (~mask + 1), low & flagsMask);
    }

    private static FunctionRange SizeRom(Function function, int at)
    {
        uint was = function.Read(at);
        function.Write(at, Registers.RomMask);
        uint mask = function.Read(at) & Registers.RomMask;
        function.Write(at, was);
        return mask == 0 || (was & Registers.RomMask) == 0 ? default : new FunctionRange(was & Registers.RomMask, mask & (~mask + 1), 0);
    }

    private static IEnumerable<int> Addresses(IConfigurationSpace space, int bus)
    {
        for (int device = 0; device < Devices; device++)
        {
            int first = bus << BusBits | device << FunctionBits;
            if (!Answers(space, first))
                continue;
            int count = (space.Read(first, Registers.Header) & SeveralFunctions) != 0 ? FunctionsEach : 1;
            for (int function = 0; function < count; function++)
            {
                if (Answers(space, first + function))
                    yield return first + function;
            }
        }
    }

    private static bool Answers(IConfigurationSpace space, int address) => (space.Read(address, Registers.Identity) & Registers.NoFunction)
        != Registers.NoFunction;
}
