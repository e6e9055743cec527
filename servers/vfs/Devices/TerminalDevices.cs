using Libsys.Messages;

namespace Servers.Vfs.Devices;

/// <summary>Registers the terminals: ttyS0 to ttyS2 (4:64 on), /dev/tty (5:0) and /dev/console (5:1), which is ttyS0.</summary>
public static class TerminalDevices
{
    private const uint SerialMajor = 4, FirstSerialMinor = 64, AuxiliaryMajor = 5, TtyMinor = 0, ConsoleMinor = 1;

    /// <summary>Device number of /dev/console.</summary>
    public static uint ConsoleDevice => Linux.DeviceNumber.Make(AuxiliaryMajor, ConsoleMinor);

    /// <summary>Registers them on a link to the driver.</summary>
    public static IReadOnlyList<Terminal> Register(DeviceTable table, ITerminalLink link)
    {
        var terminals = new Terminal[ConsoleLimits.Lines];
        for (uint line = 0; line < ConsoleLimits.Lines; line++)
        {
            terminals[line] = new Terminal(link, (int)line, SerialMajor, FirstSerialMinor + line);
            table.Add(SerialMajor, FirstSerialMinor + line, terminals[line]);
        }

        table.Add(AuxiliaryMajor, TtyMinor, new ControllingTerminal(terminals));
        table.Add(AuxiliaryMajor, ConsoleMinor, terminals[0]);
        return terminals;
    }
}
