using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Microkernel.Image.Run;

/// <summary>QEMU's human monitor over a unix socket: looks into the machine from outside, so the system cannot hide anything.</summary>
internal sealed partial class QemuMonitor : IDisposable
{
    private const string Prompt = "(qemu) ";
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(20);

    private readonly Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    private QemuMonitor()
    {
    }

    /// <summary>Connects as soon as QEMU listens, or gives up after a bound.</summary>
    public static async Task<QemuMonitor> ConnectAsync(string path)
    {
        var monitor = new QemuMonitor();
        using var limit = new CancellationTokenSource(LongestAnswer);
        while (true)
        {
            try
            {
                await monitor.socket.ConnectAsync(new UnixDomainSocketEndPoint(path), limit.Token);
                break;
            }
            catch (SocketException)
            {
                await Task.Delay(10, limit.Token);
            }
        }

        await monitor.ReadAsync();
        return monitor;
    }

    /// <summary>One command and what it printed (with the echo of the command).</summary>
    public async Task<string> AskAsync(string command)
    {
        await socket.SendAsync(Encoding.ASCII.GetBytes(command + "\n"));
        return await ReadAsync();
    }

    /// <summary>CR3 of the first CPU: the page-table root that it uses now.</summary>
    public async Task<ulong> PageTableRootAsync() =>
        ulong.Parse(RootPattern().Match(await AskAsync("info registers")).Groups[1].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <summary>Memory as the first CPU sees it now; shorter where nothing is mapped.</summary>
    public async Task<byte[]> MemoryAsync(ulong address, int length)
    {
        string text = await AskAsync(string.Create(CultureInfo.InvariantCulture, $"x /{length / sizeof(ulong)}xg 0x{address:x}"));
        return [.. WordPattern().Matches(text).SelectMany(word =>
            BitConverter.GetBytes(ulong.Parse(word.Groups[1].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture)))];
    }

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();

    [GeneratedRegex("CR3=([0-9a-f]+)")]
    private static partial Regex RootPattern();

    [GeneratedRegex(" 0x([0-9a-f]{16})")]
    private static partial Regex WordPattern();

    private async Task<string> ReadAsync()
    {
        using var limit = new CancellationTokenSource(LongestAnswer);
        var text = new StringBuilder();
        byte[] buffer = new byte[4096];
        while (!text.ToString().EndsWith(Prompt, StringComparison.Ordinal))
        {
            int count = await socket.ReceiveAsync(buffer, limit.Token);
            if (count == 0)
                throw new IOException("QEMU has ended");
            text.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }

        return text.ToString();
    }
}
