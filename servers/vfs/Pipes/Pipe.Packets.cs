namespace Servers.Vfs.Pipes;

// Packets, pipe2(2) O_DIRECT: docs/streams.md.
public sealed partial class Pipe
{
    private readonly List<Packet> packets = [];

    // Bytes behind the last packet.
    private int PlainTail => packets.Count == 0 ? buffer.Count
        : (int)unchecked(buffer.Indices.Tail - packets[^1].Start) - packets[^1].Length;

    private int PacketBytes => packets.Sum(static packet => packet.Length);

    /// <summary>
    /// Writes packets of up to <see cref="AtomicLength"/> bytes, as many as fit, as a description with O_DIRECT does. What fits the page of bytes before it
    /// joins them, as on Linux, and is no packet.
    /// </summary>
    public long WritePackets(ReadOnlySpan<byte> data)
    {
        if (Readers == 0)
            return -(long)Errno.EPIPE;
        if (data.IsEmpty)
            return 0;
        if (!TryTakeBack())
            return -(long)Errno.EAGAIN;
        if (buffer.Capacity == 0)
            return -(long)Errno.ENOMEM;
        IsHeld = false;
        seen = stream?.Changes ?? default;
        int written = 0;
        int odd = data.Length % AtomicLength, begun = PlainTail % AtomicLength;
        if (odd != 0 && begun != 0 && begun + odd <= AtomicLength)
            written = buffer.Write(data[..odd]);
        while (written < data.Length && Room >= AtomicLength)
        {
            ReadOnlySpan<byte> packet = data[written..Math.Min(written + AtomicLength, data.Length)];
            packets.Add(new Packet(buffer.Indices.Tail, packet.Length));
            written += buffer.Write(packet);
        }

        if (written == 0)
            return -(long)Errno.EAGAIN;
        Put();
        Waiters.Wake();
        return written;
    }

    /// <summary>How many bytes, from so far behind the oldest on, belong together: the rest of a packet, those before the next, or any number.</summary>
    public int RunAt(int from, out bool isPacket)
    {
        foreach (Packet packet in packets)
        {
            int start = (int)unchecked(packet.Start - buffer.Indices.Head);
            isPacket = from >= start;
            if (!isPacket)
                return start - from;
            if (from < start + packet.Length)
                return start + packet.Length - from;
        }

        isPacket = false;
        return int.MaxValue;
    }

    // What one read takes: bytes up to the first packet, and as much of that as fits; the rest of it is dropped.
    private int ReadPacket(Span<byte> target)
    {
        int plain = (int)unchecked(packets[0].Start - buffer.Indices.Head);
        int length = plain == 0 ? 0 : buffer.Read(target[..Math.Min(plain, target.Length)]);
        if (length == target.Length || length < plain)
            return length;
        int given = buffer.Read(target.Slice(length, Math.Min(packets[0].Length, target.Length - length)));
        buffer.Skip(packets[0].Length - given);
        packets.RemoveAt(0);
        return length + given;
    }

    // tee(2) with boundaries.
    private long CopyRuns(Pipe target, int length)
    {
        byte[] run = new byte[Math.Min(length, buffer.Count)];
        int copied = 0;
        while (copied < run.Length)
        {
            int wanted = Math.Min(RunAt(copied, out bool isPacket), run.Length - copied);
            Span<byte> piece = run.AsSpan(0, wanted);
            CopyOut(piece, copied);
            long written = isPacket ? target.WritePackets(piece) : target.Write(piece, isWhole: false);
            if (written <= 0)
                return copied > 0 ? copied : written;
            copied += (int)written;
            if (written < wanted)
                break;
        }

        return copied;
    }

    // What was taken out is no packet any more, or a shorter one.
    private void DropPassed()
    {
        uint head = buffer.Indices.Head;
        while (packets.Count > 0 && unchecked((int)(head - packets[0].Start)) is var passed and > 0)
        {
            if (passed >= packets[0].Length)
            {
                packets.RemoveAt(0);
                continue;
            }

            packets[0] = new Packet(head, packets[0].Length - passed);
        }
    }

    private readonly record struct Packet(uint Start, int Length);
}
