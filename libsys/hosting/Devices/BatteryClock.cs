namespace Libsys.Hosting.Devices;

/// <summary>
/// The battery-backed clock of a PC: a Motorola MC146818 or what behaves like one, with a register for the century where ACPI's FADT of every PC has it. The
/// supervisor sets the system's clock by it, the rtc driver shows it to programs. It counts UTC.
/// </summary>
public sealed class BatteryClock
{
    /// <summary>Ports: index, then data.</summary>
    public const ushort FirstPort = 0x70, PortCount = 2;

    /// <summary>Years that the registers can say: those since the count of Unix time, and as many centuries as are told from garbage.</summary>
    public const int FirstYear = 1970, LastYear = 2999;

    private const byte Seconds = 0, Minutes = 2, Hours = 4, Day = 7, Month = 8, Year = 9, StatusA = 10, StatusB = 11, StatusC = 12, Century = 0x32;

    // Status A bit 7: an update is under way and lasts at most 2 ms; port reads take about a microsecond.
    private const byte UpdateInProgress = 0x80;
    private const int MostPolls = 100_000;

    // Status A bits 4–6: the divider in reset. Once it is released the first second ends half a second later (datasheet, "divider control").
    private const byte Divider = 0x70;

    // Status B: no updates; an interrupt after each; binary instead of decimal digits; 24 hours.
    private const byte Set = 0x80, UpdateInterrupt = 0x10, Binary = 4, Hours24 = 2;
    private const byte AfterNoon = 0x80;

    private readonly Func<byte, byte> read;
    private readonly Action<byte, byte> write;

    /// <summary>The clock behind its two ports.</summary>
    public BatteryClock(IoPorts ports)
    {
        // Bit 7 of the index masks NMI; it stays clear.
        read = register =>
        {
            ports.Write8(FirstPort, register);
            return ports.Read8(FirstPort + 1);
        };
        write = (register, value) =>
        {
            ports.Write8(FirstPort, register);
            ports.Write8(FirstPort + 1, value);
        };
    }

    internal BatteryClock(Func<byte, byte> read, Action<byte, byte> write)
    {
        this.read = read;
        this.write = write;
    }

    /// <summary>Reads the time twice until both agree, so that no update fell in between. False if it shows nonsense or never stands still.</summary>
    public bool TryRead(out DateTime time)
    {
        time = default;
        for (int poll = 0; poll < MostPolls; poll++)
        {
            if ((read(StatusA) & UpdateInProgress) != 0)
                continue;
            Fields first = ReadFields();
            if ((read(StatusA) & UpdateInProgress) == 0 && first == ReadFields())
                return TryDecode(first, read(StatusB), out time);
        }

        return false;
    }

    /// <summary>Sets the time, to the second; the next one begins half a second later. False for a year that it cannot say.</summary>
    public bool TrySet(DateTime time)
    {
        if (time.Year is < FirstYear or > LastYear)
            return false;
        byte statusA = read(StatusA), statusB = read(StatusB);
        byte Number(int value) => (byte)((statusB & Binary) != 0 ? value : value / 10 << 4 | value % 10);
        byte hours = (statusB & Hours24) != 0 ? Number(time.Hour) : (byte)(Number((time.Hour + 11) % 12 + 1) | (time.Hour >= 12 ? AfterNoon : 0));
        write(StatusB, (byte)(statusB | Set));
        write(StatusA, (byte)(statusA | Divider));
        write(Seconds, Number(time.Second));
        write(Minutes, Number(time.Minute));
        write(Hours, hours);
        write(Day, Number(time.Day));
        write(Month, Number(time.Month));
        write(Year, Number(time.Year % 100));
        write(Century, Number(time.Year / 100));
        write(StatusB, statusB);
        write(StatusA, (byte)(statusA & ~UpdateInProgress));
        return true;
    }

    /// <summary>Whether it interrupts at the begin of each second.</summary>
    public void InterruptUpdates(bool isWanted) => write(StatusB, (byte)(isWanted ? read(StatusB) | UpdateInterrupt : read(StatusB) & ~UpdateInterrupt));

    /// <summary>Takes the interrupt back. True if it was for the begin of a second.</summary>
    public bool TakeUpdate() => (read(StatusC) & UpdateInterrupt) != 0;

    private Fields ReadFields() => new(read(Seconds), read(Minutes), read(Hours), read(Day), read(Month), read(Year), read(Century));

    private static bool TryDecode(in Fields fields, byte statusB, out DateTime time)
    {
        int Number(int value) => (statusB & Binary) != 0 ? value : (value >> 4) * 10 + (value & 15);
        int hour = Number(fields.Hour & ~AfterNoon);
        if ((statusB & Hours24) == 0)
            hour = hour % 12 + ((fields.Hour & AfterNoon) != 0 ? 12 : 0);
        int century = Number(fields.Century) is >= FirstYear / 100 and <= LastYear / 100 and int known ? known : 20;
        int year = century * 100 + Number(fields.Year);
        int month = Number(fields.Month), day = Number(fields.Day), minute = Number(fields.Minute), second = Number(fields.Second);
        time = default;
        if (year is < FirstYear or > LastYear || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59
            || second > 59)
            return false;
        time = new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc);
        return true;
    }

    private readonly record struct Fields(byte Second, byte Minute, byte Hour, byte Day, byte Month, byte Year, byte Century);
}
