using Libsys.Messages;

namespace Servers.Vfs.Terminals.Serial;

/// <summary>
/// A serial line behind a terminal. Output is kept here until the driver has said that it is in the transmitter, so that a driver that is killed loses nothing;
/// input is asked for while the discipline has room.
/// </summary>
public sealed class SerialLine : ITerminalLine
{
    // Enough that a program writing a screen does not wait for the line. The reserve is for echo, which would be lost otherwise.
    private const int Capacity = 32768, EchoReserve = 2048;

    private readonly ISerialLink link;
    private readonly Terminal terminal;
    private readonly ByteQueue output = new(Capacity);
    private readonly ByteQueue arrived = new(SerialLimits.ReadLength);
    private readonly SerialRequest[] writes = new SerialRequest[SerialLimits.WritesPerLine];
    private readonly SerialRequest read;
    private readonly SerialRequest drain;
    private readonly SerialRequest query;

    // Oldest bytes of the queue that the driver has been given, in how many writes, and the next slot to use.
    private int submitted;
    private int writesInFlight;
    private int oldestWrite;
    private ulong sent;
    private ulong received;

    // Bytes ever added, bytes that the transmitter has or that were dropped, and how many of those have left the machine for certain.
    private ulong added;
    private ulong settled;
    private ulong left;
    private ulong asked;
    private bool isDrainWanted;
    private bool isStarted;
    private bool isStopped;

    /// <summary>A line; it starts when the driver has said where it is.</summary>
    public SerialLine(ISerialLink link, Terminal terminal, int line)
    {
        this.link = link;
        this.terminal = terminal;
        int piece = line * SerialLimits.PiecesPerLine;
        for (int index = 0; index < writes.Length; index++)
            writes[index] = new SerialRequest(SerialOperation.Write, line, piece + index) { Fill = FillWrite, Answered = Written };
        read = new SerialRequest(SerialOperation.Read, line, piece + writes.Length) { Answered = Received, Length = SerialLimits.ReadLength };
        drain = new SerialRequest(SerialOperation.Drain, line, -1) { Answered = Drained };
        query = new SerialRequest(SerialOperation.Query, line, -1) { Answered = Started };
    }

    /// <summary>Asks the driver where it is, and begins there.</summary>
    public void Start() => link.Submit(query);

    /// <inheritdoc/>
    public bool IsPresent { get; private set; } = true;

    /// <inheritdoc/>
    public bool HasModemLines => true;

    /// <inheritdoc/>
    public int Room => Math.Max(output.Room - EchoReserve, 0);

    /// <inheritdoc/>
    public int Queued => output.Count;

    /// <inheritdoc/>
    public ulong Mark => added;

    /// <inheritdoc/>
    public int Add(ReadOnlySpan<byte> data)
    {
        int length = output.Add(data);
        added += (ulong)length;
        Send();
        return length;
    }

    /// <inheritdoc/>
    public void FlushOutput()
    {
        settled += (ulong)(output.Count - submitted);
        output.Truncate(submitted);
        Drain();
    }

    /// <inheritdoc/>
    public void FlushInput() => arrived.Truncate(0);

    /// <inheritdoc/>
    public void SetStopped(bool stop)
    {
        isStopped = stop;
        Send();
    }

    /// <inheritdoc/>
    public bool HasLeft(ulong mark)
    {
        if (left >= mark || !IsPresent)
            return true;
        isDrainWanted = true;
        Drain();
        return false;
    }

    /// <inheritdoc/>
    public void InputWanted()
    {
        Deliver();
        bool isWanted = isStarted && IsPresent && !read.IsInFlight && arrived.Count == 0 && terminal.Opens > 0 && terminal.CanReceive;
        if (!isWanted)
            return;
        read.Position = received;
        link.Submit(read);
    }

    /// <inheritdoc/>
    public void SettingsChanged(bool flowControl)
    {
    }

    /// <inheritdoc/>
    public void LastClosed()
    {
    }

    private void Send()
    {
        while (isStarted && IsPresent && !isStopped && writesInFlight < writes.Length && submitted < output.Count)
        {
            SerialRequest write = writes[(oldestWrite + writesInFlight) % writes.Length];
            write.Position = sent + (ulong)submitted;
            write.Length = Math.Min(output.Count - submitted, SerialLimits.PieceLength);
            submitted += write.Length;
            writesInFlight++;
            link.Submit(write);
        }
    }

    private void FillWrite(SerialRequest request, Span<byte> piece) => output.CopyTo((int)(request.Position - sent), piece[..request.Length]);

    private void Written(SerialRequest request, long result, ulong v0, ulong v1, ReadOnlySpan<byte> piece)
    {
        // The driver answers writes in their order. One that does not is mistaken about itself: nothing is dropped for it.
        if (result < 0 || request != writes[oldestWrite])
        {
            Lose();
            return;
        }

        oldestWrite = (oldestWrite + 1) % writes.Length;
        writesInFlight--;
        submitted -= request.Length;
        sent += (ulong)request.Length;
        settled += (ulong)request.Length;
        output.Skip(request.Length);
        Send();
        Drain();
        terminal.OutputMoved();
    }

    private void Received(SerialRequest request, long result, ulong v0, ulong v1, ReadOnlySpan<byte> piece)
    {
        if (result <= 0 || result > SerialLimits.ReadLength)
        {
            Lose();
            return;
        }

        received += (ulong)result;
        arrived.Add(piece[..(int)result]);
        InputWanted();
    }

    private void Deliver()
    {
        while (arrived.Count > 0)
        {
            int taken = terminal.Receive(arrived.Peek());
            arrived.Skip(taken);
            if (taken == 0)
                return;
        }
    }

    private void Drain()
    {
        if (!isDrainWanted || submitted > 0 || drain.IsInFlight || left == settled)
            return;
        asked = settled;
        link.Submit(drain);
    }

    private void Drained(SerialRequest request, long result, ulong v0, ulong v1, ReadOnlySpan<byte> piece)
    {
        left = asked;
        isDrainWanted = false;
        terminal.OutputMoved(); // who still waits asks again
    }

    private void Started(SerialRequest request, long result, ulong v0, ulong v1, ReadOnlySpan<byte> piece)
    {
        if (result < 0)
        {
            Lose();
            return;
        }

        sent = v0;
        received = v1;
        isStarted = true;
        Send();
        InputWanted();
    }

    // There is no such line, or the driver answers nonsense: the terminal answers EIO.
    private void Lose()
    {
        IsPresent = false;
        terminal.OutputMoved();
    }
}
