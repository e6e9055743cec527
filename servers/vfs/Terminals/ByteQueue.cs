namespace Servers.Vfs.Terminals;

/// <summary>Bytes that wait, first in, first out.</summary>
public sealed class ByteQueue(int capacity)
{
    private readonly byte[] bytes = new byte[capacity];
    private int head;

    /// <summary>Bytes that fit when it is empty.</summary>
    public int Capacity => bytes.Length;

    /// <summary>Bytes inside.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes that still fit.</summary>
    public int Room => bytes.Length - Count;

    /// <summary>Adds as many bytes as fit.</summary>
    public int Add(ReadOnlySpan<byte> data)
    {
        int length = Math.Min(data.Length, Room);
        int tail = (head + Count) % bytes.Length;
        int first = Math.Min(length, bytes.Length - tail);
        data[..first].CopyTo(bytes.AsSpan(tail));
        data[first..length].CopyTo(bytes);
        Count += length;
        return length;
    }

    /// <summary>Copies bytes from <paramref name="offset"/> behind the oldest on, without taking them out: as many as there are and fit.</summary>
    public int CopyTo(int offset, Span<byte> to)
    {
        int length = Math.Min(Count - offset, to.Length);
        int start = (head + offset) % bytes.Length;
        int first = Math.Min(length, bytes.Length - start);
        bytes.AsSpan(start, first).CopyTo(to);
        bytes.AsSpan(0, length - first).CopyTo(to[first..]);
        return length;
    }

    /// <summary>The oldest bytes in one piece.</summary>
    public ReadOnlySpan<byte> Peek() => bytes.AsSpan(head, Math.Min(Count, bytes.Length - head));

    /// <summary>Takes the oldest bytes out.</summary>
    public void Skip(int length)
    {
        head = (head + length) % bytes.Length;
        Count -= length;
    }

    /// <summary>Drops all but the oldest <paramref name="kept"/> bytes.</summary>
    public void Truncate(int kept) => Count = Math.Min(Count, kept);
}
