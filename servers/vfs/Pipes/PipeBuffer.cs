namespace Servers.Vfs.Pipes;

/// <summary>A ring of bytes. Its array is made at the first write and let go when the ring is empty and the pipe closes.</summary>
public sealed class PipeBuffer(PipeMemory budget)
{
    /// <summary>Capacity of a pipe, pipe(7).</summary>
    public const int LargestCapacity = 65536;

    private byte[]? bytes;
    private int head;

    /// <summary>Bytes inside.</summary>
    public int Count { get; private set; }

    /// <summary>Capacity: what the buffer has, or what it would get now.</summary>
    public int Capacity => bytes?.Length ?? budget.Next;

    /// <summary>Bytes that fit.</summary>
    public int Free => Capacity - Count;

    /// <summary>Takes bytes in, as many as fit.</summary>
    public int Write(ReadOnlySpan<byte> data)
    {
        int length = Math.Min(data.Length, Free);
        if (length == 0)
            return 0;
        if (bytes == null)
        {
            bytes = GC.AllocateUninitializedArray<byte>(Capacity);
            budget.Take(bytes.Length);
        }

        int tail = (head + Count) % Capacity;
        int first = Math.Min(length, Capacity - tail);
        data[..first].CopyTo(bytes.AsSpan(tail));
        data[first..length].CopyTo(bytes);
        Count += length;
        return length;
    }

    /// <summary>Gives bytes out, as many as there are.</summary>
    public int Read(Span<byte> buffer)
    {
        int done = 0;
        while (done < buffer.Length && Count > 0)
        {
            ReadOnlySpan<byte> run = Peek();
            int length = Math.Min(run.Length, buffer.Length - done);
            run[..length].CopyTo(buffer[done..]);
            Skip(length);
            done += length;
        }

        return done;
    }

    /// <summary>The oldest bytes in one piece, without taking them out.</summary>
    public ReadOnlySpan<byte> Peek() => bytes == null ? default : bytes.AsSpan(head, Math.Min(Count, Capacity - head));

    /// <summary>The bytes behind <see cref="Peek"/>'s, which lie at the start of the array; empty if there are none.</summary>
    public ReadOnlySpan<byte> PeekRest() => bytes.AsSpan(0, Count - Peek().Length);

    /// <summary>Takes out bytes that were looked at.</summary>
    public void Skip(int length)
    {
        head = (head + length) % Capacity;
        Count -= length;
        if (Count == 0)
            head = 0;
    }

    /// <summary>Lets the memory go.</summary>
    public void Release()
    {
        budget.Give(bytes?.Length ?? 0);
        bytes = null;
        head = 0;
        Count = 0;
    }
}
