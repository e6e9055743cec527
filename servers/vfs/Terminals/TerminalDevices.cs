using Servers.Vfs.Devices;
using Servers.Vfs.Objects;
using Servers.Vfs.Processes;
using Servers.Vfs.Terminals.Pseudo;

namespace Servers.Vfs.Terminals;

/// <summary>
/// Registers the terminals that have numbers: ttyS0 to ttyS2 (4:64 on), /dev/tty (5:0), /dev/console (5:1), which is ttyS0, and /dev/ptmx (5:2).
/// </summary>
public static class TerminalDevices
{
    private const uint SerialMajor = 4, FirstSerialMinor = 64, AuxiliaryMajor = 5, TtyMinor = 0, ConsoleMinor = 1, MasterMinor = 2;

    /// <summary>Device number of a serial terminal.</summary>
    public static uint SerialDevice(uint line) => DeviceNumber.Make(SerialMajor, FirstSerialMinor + line);

    /// <summary>Registers serial terminals.</summary>
    public static void Register(DeviceTable devices, IReadOnlyList<Terminal> serial, PtsFileSystem pseudo, TerminalTable table)
    {
        for (int line = 0; line < serial.Count; line++)
        {
            table.Add(serial[line]);
            devices.Add(SerialMajor, FirstSerialMinor + (uint)line, new TerminalDevice(serial[line], isConsole: false, table));
        }

        devices.Add(AuxiliaryMajor, TtyMinor, new ControllingTerminal(table));
        devices.Add(AuxiliaryMajor, MasterMinor, new MasterDevice(pseudo));
        if (serial.Count > 0)
            devices.Add(AuxiliaryMajor, ConsoleMinor, new TerminalDevice(serial[0], isConsole: true, table));
    }

    private sealed class TerminalDevice(Terminal terminal, bool isConsole, TerminalTable table) : IDevice
    {
        public Errno Open(in OpenRequest request, out OpenFile? file) => TerminalFile.Open(request, terminal, isConsole, table, out file);
    }

    private sealed class MasterDevice(PtsFileSystem pseudo) : IDevice
    {
        public Errno Open(in OpenRequest request, out OpenFile? file) => pseudo.OpenMaster(request, out file);
    }

    /// <summary>/dev/tty: the terminal of the process that opens it, tty(4).</summary>
    private sealed class ControllingTerminal(TerminalTable table) : IDevice
    {
        public Errno Open(in OpenRequest request, out OpenFile? file)
        {
            file = null;
            return table.Of(request.Process) is { } terminal ? TerminalFile.Open(request, terminal, isConsole: false, table, out file) : Errno.ENXIO;
        }
    }
}
