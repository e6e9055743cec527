using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Servers.Vfs.Sys.Pci;

/// <summary>What files of a function say, in the words of Linux' sysfs (Documentation/ABI/testing/sysfs-bus-pci).</summary>
internal static class FunctionText
{
    // Configuration space, PCI Local Bus 3.0 §6.1.
    private const int Vendor = 0, Device = 2, Command = 4, Revision = 8, Header = 14, SubsystemVendor = 0x2C, Subsystem = 0x2E;
    private const int HeaderMask = 0x7F, BridgeHeader = 1, Decodes = 3;

    // Flags of a register: ports, 64 bits, prefetchable. Of a range, linux/ioport.h: ports, memory, prefetchable, aligned by its size, 64 bits, read-only.
    private const uint IsPorts = 1, TypeMask = 6, IsWide = 4, IsPrefetchable = 8;
    private const uint Ports = 0x100, Memory = 0x200, Prefetchable = 0x2000, SizeAligned = 0x4_0000, Wide = 0x10_0000, Rom = 6, ReadOnly = 0x4000;

    // Lines of `resource`: also ranges of virtual functions, and of a bridge its windows, none of which there are here.
    private const int Lines = 13, LinesOfBridge = 17;

    /// <summary>Name of its directory: domain, bus, device, function.</summary>
    public static string Name(int address) =>
        string.Create(CultureInfo.InvariantCulture, $"0000:{address >> 8:x2}:{address >> 3 & 31:x2}.{address & 7}");

    /// <summary>The files of a function and their text.</summary>
    public static IEnumerable<(string Name, Func<FunctionEntry, string> Text)> Files =>
    [
        ("vendor", static entry => Hex(Word(entry, Vendor), 4)),
        ("device", static entry => Hex(Word(entry, Device), 4)),
        ("subsystem_vendor", static entry => Hex(IsBridge(entry) ? 0 : Word(entry, SubsystemVendor), 4)),
        ("subsystem_device", static entry => Hex(IsBridge(entry) ? 0 : Word(entry, Subsystem), 4)),
        ("revision", static entry => Hex(entry.Configuration[Revision], 2)),
        ("class", static entry => Hex(Class(entry), 6)),
        ("irq", static _ => "0"),
        ("enable", static entry => (Word(entry, Command) & Decodes) != 0 && entry.Driver.Length > 0 ? "1" : "0"),
        ("numa_node", static _ => "-1"),
        ("modalias", Alias),
        ("resource", Resource),
        ("uevent", Event),
    ];

    private static string Resource(FunctionEntry entry)
    {
        var text = new StringBuilder();
        for (int line = 0; line < (IsBridge(entry) ? LinesOfBridge : Lines); line++)
        {
            AddressRange range = line < entry.Ranges.Count ? entry.Ranges[line] : default;
            (ulong first, ulong last) = range.Length == 0 ? (0, 0) : (range.First, range.First + range.Length - 1);
            text.Append(CultureInfo.InvariantCulture, $"0x{first:x16} 0x{last:x16} 0x{RangeFlags(range, line):x16}\n");
        }

        return text.ToString().TrimEnd('\n');
    }

    private static uint RangeFlags(AddressRange range, int line)
    {
        if (range.Length == 0)
            return 0;
        if (line == Rom)
            return Memory | ReadOnly | Prefetchable | SizeAligned;
        if ((range.Flags & IsPorts) != 0)
            return Ports | SizeAligned | range.Flags;
        return Memory | SizeAligned | ((range.Flags & IsPrefetchable) != 0 ? Prefetchable : 0) | ((range.Flags & TypeMask) == IsWide ? Wide : 0) | range.Flags;
    }

    private static string Event(FunctionEntry entry)
    {
        string driver = entry.Driver.Length > 0 ? $"DRIVER={entry.Driver}\n" : "";
        (int vendor, int device) = IsBridge(entry) ? (0, 0) : (Word(entry, SubsystemVendor), Word(entry, Subsystem));
        return driver + string.Create(
            CultureInfo.InvariantCulture,
            $"PCI_CLASS={Class(entry):X}\nPCI_ID={Word(entry, Vendor):X4}:{Word(entry, Device):X4}\nPCI_SUBSYS_ID={vendor:X4}:{device:X4}\n"
            + $"PCI_SLOT_NAME={Name(entry.Address)}\nMODALIAS={Alias(entry)}");
    }

    private static string Alias(FunctionEntry entry)
    {
        (int vendor, int device) = IsBridge(entry) ? (0, 0) : (Word(entry, SubsystemVendor), Word(entry, Subsystem));
        int type = Class(entry);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"pci:v{Word(entry, Vendor):X8}d{Word(entry, Device):X8}sv{vendor:X8}sd{device:X8}bc{type >> 16:X2}sc{type >> 8 & 255:X2}i{type & 255:X2}");
    }

    private static bool IsBridge(FunctionEntry entry) => (entry.Configuration[Header] & HeaderMask) == BridgeHeader;

    private static int Class(FunctionEntry entry) => BinaryPrimitives.ReadInt32LittleEndian(entry.Configuration.AsSpan(Revision)) >>> 8;

    private static int Word(FunctionEntry entry, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(entry.Configuration.AsSpan(offset));

    private static string Hex(int value, int digits) => "0x" + value.ToString("x", CultureInfo.InvariantCulture).PadLeft(digits, '0');
}
