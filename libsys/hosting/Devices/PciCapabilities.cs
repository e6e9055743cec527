namespace Libsys.Hosting.Devices;

/// <summary>The list of capabilities in a function's configuration space, PCI Local Bus 3.0 §6.7.</summary>
public static class PciCapabilities
{
    private const int Command = 4, First = 0x34, Aligned = 0xFC, Least = 0x40, NextShift = 8;
    private const uint HasList = 1u << 20; // in the status, above the command

    // What fits into the space; a longer list goes round in a circle.
    private const int Most = 48;

    /// <summary>The next capability behind <paramref name="after"/> (0: the first) with a number; 0: there is none.</summary>
    /// <param name="read">Reads 32 bits of configuration space.</param>
    /// <param name="capability">Its number.</param>
    /// <param name="after">Where the one before it is.</param>
    public static int Find(Func<int, uint> read, int capability, int after = 0)
    {
        if ((read(Command) & HasList) == 0)
            return 0;
        int at = (int)(after == 0 ? read(First) : read(after) >> NextShift) & Aligned;
        for (int count = 0; at >= Least && count < Most; count++)
        {
            uint word = read(at);
            if ((word & byte.MaxValue) == (uint)capability)
                return at;
            at = (int)(word >> NextShift) & Aligned;
        }

        return 0;
    }
}
