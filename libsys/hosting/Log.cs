using System.Globalization;
using System.Text;
using Libsys.Abi;

namespace Libsys.Hosting;

/// <summary>The server's log: one line an event, with time, server and generation in front. For events, not for each request.</summary>
public sealed class Log
{
    private readonly MachineHandle port;
    private readonly string prefix;
    private readonly byte[] line = new byte[ThreadBlock.MessageLength];

    /// <summary>A log that writes through a machine handle which needs nothing but the right to write; no handle: lines are dropped.</summary>
    public Log(MachineHandle port, string server, uint generation)
    {
        this.port = port;
        prefix = generation > 1 ? $"{server}/{generation}: " : $"{server}: ";
    }

    /// <summary>Writes one event. Line breaks inside become further lines with the same prefix; control characters are shown as dots.</summary>
    public void Write(string text)
    {
        if (!port.Handle.IsValid)
            return;
        ulong now = SystemClock.Now;
        string stamp = string.Create(CultureInfo.InvariantCulture, $"[{now / 1_000_000_000,5}.{now / 1000 % 1_000_000:D6}] ");
        foreach (string part in text.Split('\n'))
            WriteLine(stamp, part);
    }

    private void WriteLine(string stamp, string text)
    {
        // Texts may come from programs (names, paths): a line break of theirs must not look like a line of ours.
        string clean = string.Create(text.Length, text, static (to, from) =>
        {
            for (int index = 0; index < to.Length; index++)
                to[index] = char.IsControl(from[index]) ? '.' : from[index];
        });
        Encoding.UTF8.TryGetBytes(stamp + prefix, line, out int used);
        Encoding.UTF8.GetEncoder().Convert(clean, line.AsSpan(used, line.Length - used - 1), flush: true, out _, out int written, out _);
        used += written;
        line[used++] = (byte)'\n';
        port.WriteLog(line.AsSpan(0, used));
    }
}
