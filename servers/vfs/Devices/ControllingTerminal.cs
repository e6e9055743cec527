using Servers.Vfs.Files;
using Servers.Vfs.Linux;

namespace Servers.Vfs.Devices;

/// <summary>/dev/tty: the terminal of the session that opens it, tty(4).</summary>
public sealed class ControllingTerminal(IReadOnlyList<Terminal> terminals) : IDevice
{
    /// <inheritdoc/>
    public Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = null;
        foreach (Terminal terminal in terminals)
        {
            if (terminal.Session != 0 && terminal.Session == request.Process.Session)
                return terminal.Open(request, out file);
        }

        return Errno.ENXIO;
    }
}
