using Libsys.Abi;
using Libsys.Hosting;

namespace Servers.Supervisor;

/// <summary>Reads the battery-backed clock (MC146818 compatible) and sets the system's wall clock, once.</summary>
internal static class RealTimeClock
{
    private const ushort IndexPort = 0x70;
    private const ushort DataPort = 0x71;
    private const byte Seconds = 0, Minutes = 2, Hours = 4, Day = 7, Month = 8, Year = 9, StatusA = 10, StatusB = 11, Century = 0x32;

    // Status A bit 7: an update is under way and lasts at most 2 ms; port reads take about a microsecond.
    private const int MostPolls = 100_000;

    /// <summary>Sets the wall clock. Without a readable clock time starts at 1970, which is logged.</summary>
    public static void SetSystemTime(MachineHandle machine, Log log)
    {
        if (machine.TryCreatePorts(IndexPort, 2, out IoPorts ports) != KernelStatus.Ok)
        {
            log.Write("no access to the real-time clock; time starts at 1970");
            return;
        }

        if (TryRead(register => Register(ports, register), out DateTime time))
        {
            // Unix time counts from 1970; the offset is to time zero, which was at boot.
            ulong now = (ulong)(time - DateTime.UnixEpoch).Ticks * 100;
            machine.SetClock(now - SystemClock.Now);
        }
        else
        {
            log.Write("the real-time clock gives no valid time; time starts at 1970");
        }

        ports.Handle.Close();
    }

    /// <summary>Reads the time twice until both agree, so that no update fell in between.</summary>
    internal static bool TryRead(Func<byte, byte> register, out DateTime time)
    {
        time = default;
        for (int poll = 0; poll < MostPolls; poll++)
        {
            if ((register(StatusA) & 0x80) != 0)
                continue;
            (int, int, int, int, int, int, int) first = Fields(register);
            if ((register(StatusA) & 0x80) == 0 && first == Fields(register))
                return TryDecode(first, register(StatusB), out time);
        }

        return false;
    }

    private static (int Second, int Minute, int Hour, int Day, int Month, int Year, int Century) Fields(Func<byte, byte> register) =>
        (register(Seconds), register(Minutes), register(Hours), register(Day), register(Month), register(Year), register(Century));

    private static bool TryDecode((int Second, int Minute, int Hour, int Day, int Month, int Year, int Century) fields, byte statusB, out DateTime time)
    {
        // Status B bit 2: binary instead of decimal digits; bit 1: 24 hours. With 12 hours, bit 7 of the hour means after noon.
        bool isBinary = (statusB & 4) != 0;
        int Number(int value) => isBinary ? value : (value >> 4) * 10 + (value & 15);
        int hour = Number(fields.Hour & 0x7F);
        if ((statusB & 2) == 0)
            hour = hour % 12 + ((fields.Hour & 0x80) != 0 ? 12 : 0);
        int century = Number(fields.Century) is >= 19 and <= 29 and int known ? known : 20;
        int year = century * 100 + Number(fields.Year);
        int month = Number(fields.Month), day = Number(fields.Day), minute = Number(fields.Minute), second = Number(fields.Second);
        time = default;
        if (year < 1970 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59)
            return false;
        time = new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc);
        return true;
    }

    private static byte Register(IoPorts ports, byte register)
    {
        // Bit 7 of the index masks NMI; it stays clear.
        ports.Write8(IndexPort, register);
        return ports.Read8(DataPort);
    }
}
