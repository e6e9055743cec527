namespace Servers.Drivers.Console.Serial;

/// <summary>Bytes on their way to the line.</summary>
public sealed class OutputQueue
{
    /// <summary>Bytes that fit: enough that a program writing a screen does not wait for the line.</summary>
    public const int Capacity = 32768;

    private readonly byte[] bytes = new byte[Capacity];
    private int head;

    /// <summary>Bytes inside.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes that still fit.</summary>
    public int Room => Capacity - Count;

    /// <summary>Adds a byte; there is room.</summary>
    public void Add(byte value) => bytes[(head + Count++) % Capacity] = value;

    /// <summary>Adds as many bytes as fit.</summary>
    public int Add(ReadOnlySpan<byte> data)
    {
        int length = Math.Min(data.Length, Room);
        int tail = (head + Count) % Capacity;
        int first = Math.Min(length, Capacity - tail);
        data[..first].CopyTo(bytes.AsSpan(tail));
        data[first..length].CopyTo(bytes);
        Count += length;
        return length;
    }

    /// <summary>The oldest bytes in one piece.</summary>
    public ReadOnlySpan<byte> Peek() => bytes.AsSpan(head, Math.Min(Count, Capacity - head));

    /// <summary>Takes the oldest bytes out.</summary>
    public void Skip(int length)
    {
        head = (head + length) % Capacity;
        Count -= length;
    }

    /// <summary>Drops everything.</summary>
    public void Clear() => Count = 0;
}
