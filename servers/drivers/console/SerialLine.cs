using Libsys.Messages;
using Libsys.Rings;
using Servers.Drivers.Console.Serial;

namespace Servers.Drivers.Console;

/// <summary>
/// Moves the bytes of one line, and knows nothing of what they mean. All that it keeps are requests, which the client has too: the truth about what was sent
/// and received is the kernel's count. So it can be killed between any two instructions, and its successor goes on with the next byte.
/// </summary>
public sealed class SerialLine
{

    // One turn sends at most this much, so that input and the other lines are looked at in between.
    private const int FifosPerTurn = 64;

    private readonly Uart16550 uart;
    private readonly Queue<Submission> writes = new();
    private readonly Queue<ulong> drains = new();
    private ISerialClient? client;
    private Submission read;
    private bool hasRead;
    private bool isPresent;
    private ulong sent;

    /// <summary>A line; it touches nothing before <see cref="Start"/>.</summary>
    public SerialLine(Uart16550 uart) => this.uart = uart;

    /// <summary>Called when there is more to do than one turn does.</summary>
    public Action? WorkLeft { get; set; }

    /// <summary>Takes over the line as it is.</summary>
    public void Start()
    {
        isPresent = uart.TryStart();
        sent = uart.Positions([]).Sent;
    }

    /// <summary>A client attached: requests of the one before are dropped, nobody waits for them.</summary>
    public void Attach(ISerialClient next)
    {
        client = next;
        writes.Clear();
        drains.Clear();
        hasRead = false;
    }

    /// <summary>Serves a request: a private copy, all of it the client's claims.</summary>
    public void Submit(in Submission request)
    {
        if (!isPresent)
        {
            Complete(request.Tag, -Errno.ENODEV);
            return;
        }

        switch ((SerialOperation)request.Operation)
        {
            case SerialOperation.Write:
                writes.Enqueue(request);
                Send();
                break;
            case SerialOperation.Read when !hasRead && request.PoolLength >= SerialLimits.ReadLength:
                SubmitRead(request);
                break;
            case SerialOperation.Drain:
                drains.Enqueue(request.Tag);
                Send();
                break;
            case SerialOperation.Query:
                LinePositions positions = uart.Positions([]);
                client?.Complete(new Completion { Tag = request.Tag, V0 = positions.Sent, V1 = positions.Received });
                break;
            default:
                Complete(request.Tag, request.Operation == (ushort)SerialOperation.Read ? -Errno.EINVAL : -Errno.ENOSYS);
                break;
        }
    }

    /// <summary>Serves the UART: after an interrupt, and in turns while there is work.</summary>
    public void Serve()
    {
        if (!isPresent)
            return;
        if (hasRead)
            Receive([], 0);
        Send();
    }

    private void SubmitRead(in Submission request)
    {
        Span<byte> bytes = stackalloc byte[SerialLimits.ReadLength];
        LinePositions positions = uart.Positions(bytes);
        ulong known = positions.Received - request.A1;
        if (known > (ulong)positions.Kept)
        {
            Complete(request.Tag, request.A1 > positions.Received ? -Errno.EINVAL : -Errno.EIO);
            return;
        }

        // An earlier driver took these from the receiver and could not say so.
        read = request;
        hasRead = true;
        Receive(bytes.Slice(positions.Kept - (int)known, (int)known), (int)known);
    }

    private void Receive(ReadOnlySpan<byte> known, int count)
    {
        // Never more than the kernel remembers: until the client has the answer, this may all have to be done again.
        Span<byte> bytes = stackalloc byte[SerialLimits.ReadLength];
        known.CopyTo(bytes);
        while (count + Uart16550.FifoLength <= bytes.Length && uart.Receive(bytes[count..]) is var more and > 0)
            count += more;
        if (count == 0)
            return;
        hasRead = false;
        Span<byte> buffer = client == null ? default : client.Buffer(read);
        Complete(read.Tag, bytes[..count].TryCopyTo(buffer) ? count : -Errno.EINVAL);
    }

    private void Send()
    {
        bool canSend = false;
        for (int fifo = 0; SkipDone() && fifo < FifosPerTurn; fifo++)
        {
            canSend = uart.CanSend;
            if (!canSend)
                break;
            Submission write = writes.Peek();
            ReadOnlySpan<byte> bytes = client!.Buffer(write);
            sent += (ulong)uart.Send(bytes[(int)(sent - write.A1)..]);
        }

        bool hasMore = writes.Count > 0;
        uart.InterruptWhenEmpty(hasMore && !canSend);
        if ((hasMore && canSend) || !AnswerDrains())
            WorkLeft?.Invoke();
    }

    /// <summary>Answers writes of which all bytes are sent. False if none is left.</summary>
    private bool SkipDone()
    {
        while (writes.TryPeek(out Submission write))
        {
            bool isValid = write.A1 <= sent && client!.Buffer(write).Length == write.PoolLength;
            if (isValid && sent - write.A1 < write.PoolLength)
                return true;
            writes.Dequeue();
            Complete(write.Tag, isValid ? write.PoolLength : -Errno.EINVAL);
        }

        return false;
    }

    /// <summary>False while someone waits for the last bit: the shift register does not interrupt, so it is asked again.</summary>
    private bool AnswerDrains()
    {
        if (drains.Count == 0 || writes.Count > 0)
            return true;
        if (!uart.IsIdle)
            return false;
        while (drains.TryDequeue(out ulong tag))
            Complete(tag, 0);
        return true;
    }

    private void Complete(ulong tag, long result) => client?.Complete(new Completion { Tag = tag, Result = result });
}
