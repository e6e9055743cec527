using System.Globalization;
using System.Text;

namespace Microkernel.Image.Run;

/// <summary>
/// What /init tells on COM3: a line <c>ready</c> when the session starts, and a line <c>exit N</c> with the command's status when its output has
/// been sent.
/// </summary>
internal sealed class ControlChannel
{
    private readonly StringBuilder pending = new();

    /// <summary>Completes when the session starts.</summary>
    public TaskCompletionSource Ready { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the command's exit status.</summary>
    public TaskCompletionSource<int> Exited { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The first line that is neither, or null. Whoever wrote it, the session is not to be trusted.</summary>
    public string? Violation { get; private set; }

    /// <summary>Takes bytes as they arrive. Carriage returns are dropped: a serial port may still add them.</summary>
    public void Receive(ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            if (value == '\n')
            {
                ReceiveLine(pending.ToString());
                pending.Clear();
            }
            else if (value != '\r')
            {
                pending.Append((char)value);
            }
        }
    }

    private void ReceiveLine(string line)
    {
        if (line == "ready")
            Ready.TrySetResult();
        else if (line.StartsWith("exit ", StringComparison.Ordinal)
            && byte.TryParse(line.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out byte status))
            Exited.TrySetResult(status);
        else
            Violation ??= line;
    }
}
