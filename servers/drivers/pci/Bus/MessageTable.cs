namespace Servers.Drivers.Pci.Bus;

/// <summary>Where a function keeps its interrupt messages: MSI-X, PCI Local Bus 3.0 §6.8.2.</summary>
public sealed class MessageTable
{
    /// <summary>Bytes of an entry.</summary>
    public const int EntryLength = 16;

    // In an entry.
    private const int LowAddress = 0, HighAddress = 4, Data = 8, Control = 12;
    private const uint RegisterMask = 7, IsMasked = 1;

    private readonly Function function;
    private readonly int capability;

    private MessageTable(Function function, int capability)
    {
        this.function = function;
        this.capability = capability;
        uint table = function.Read(capability + Registers.MessageTable), pending = function.Read(capability + Registers.PendingBits);
        (Register, Offset) = ((int)(table & RegisterMask), table & ~RegisterMask);
        (PendingRegister, PendingOffset) = ((int)(pending & RegisterMask), pending & ~RegisterMask);
        Count = (int)(function.Read(capability) >> Registers.MessageControlShift & Registers.MessageCountMask) + 1;
    }

    /// <summary>Base address register that the table lies behind, and where.</summary>
    public int Register { get; }

    /// <summary>Where, in bytes.</summary>
    public uint Offset { get; }

    /// <summary>The same for the bits that say which messages wait.</summary>
    public int PendingRegister { get; }

    /// <summary>Where, in bytes.</summary>
    public uint PendingOffset { get; }

    /// <summary>Entries.</summary>
    public int Count { get; }

    /// <summary>The function's table; null: it has none.</summary>
    public static MessageTable? Find(Function function) =>
        function.FindCapability(Registers.MessagesCapability) is > 0 and int at ? new MessageTable(function, at) : null;

    /// <summary>Sends no message from now on, and each entry is masked.</summary>
    public void Stop(Action<uint, uint> write)
    {
        function.Write(capability, function.Read(capability) & ~Registers.MessagesEnable | Registers.MessagesMask);
        for (int entry = 0; entry < Count; entry++)
            write((uint)(entry * EntryLength + Control), IsMasked);
    }

    /// <summary>Writes an entry by <paramref name="write"/>, which takes an offset in the table and a value.</summary>
    public static void Set(int entry, ulong address, uint data, Action<uint, uint> write)
    {
        uint at = (uint)(entry * EntryLength);
        write(at + LowAddress, (uint)address);
        write(at + HighAddress, (uint)(address >> 32));
        write(at + Data, data);
        write(at + Control, 0);
    }

    /// <summary>Sends messages from now on.</summary>
    public void Start() => function.Write(capability, (function.Read(capability) | Registers.MessagesEnable) & ~Registers.MessagesMask);
}
