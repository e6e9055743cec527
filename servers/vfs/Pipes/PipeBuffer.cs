namespace Servers.Vfs.Pipes;

/// <summary>A ring of bytes. Its array is made at the first write and let go when the ring is empty and the pipe closes.</summary>
public sealed class PipeBuffer(PipeMemory budget) : PipeStorage
{
    /// <summary>Capacity of a pipe, pipe(7).</summary>
    public const int LargestCapacity = 65536;

    private byte[]? bytes;
    private int head, count;
    private uint taken, rises = 1, falls = 1;

    /// <summary>One of a length that was checked, which goes on where another ends: what is in that is copied, and indices run on.</summary>
    public PipeBuffer(PipeMemory budget, PipeStorage before, int length)
        : this(budget)
    {
        bytes = GC.AllocateUninitializedArray<byte>(length);
        budget.Take(length);
        taken = before.Indices.Head;
        Write(before.Peek());
        Write(before.PeekRest());
        (rises, falls) = before.Changes;
    }

    /// <summary>Bytes of memory that it has.</summary>
    public int Held => bytes?.Length ?? 0;

    /// <inheritdoc/>
    public override int Count => count;

    /// <inheritdoc/>
    public override (uint Head, uint Tail) Indices => (taken, unchecked(taken + (uint)count));

    /// <inheritdoc/>
    public override (uint Rises, uint Falls) Changes => (rises, falls);

    /// <inheritdoc/>
    public override int Capacity => bytes?.Length ?? budget.Next;

    /// <inheritdoc/>
    public override int Write(ReadOnlySpan<byte> data)
    {
        int length = Math.Min(data.Length, Free);
        if (length == 0)
            return 0;
        if (bytes == null)
        {
            bytes = GC.AllocateUninitializedArray<byte>(Capacity);
            budget.Take(bytes.Length);
        }

        int tail = (head + count) % Capacity;
        int first = Math.Min(length, Capacity - tail);
        data[..first].CopyTo(bytes.AsSpan(tail));
        data[first..length].CopyTo(bytes);
        count += length;
        rises++;
        return length;
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Peek() => bytes == null ? default : bytes.AsSpan(head, Math.Min(count, Capacity - head));

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> PeekRest() => bytes.AsSpan(0, count - Peek().Length);

    /// <inheritdoc/>
    public override void Skip(int length)
    {
        if (Free < Pipe.AtomicLength && Free + length >= Pipe.AtomicLength)
            falls++;
        head = (head + length) % Capacity;
        count -= length;
        taken = unchecked(taken + (uint)length);
        if (count == 0)
            head = 0;
    }

    /// <inheritdoc/>
    public override void SetEnds(int readers, int writers, bool hasHadWriter) => CountBoth();

    /// <summary>Either side may find something new.</summary>
    public void CountBoth()
    {
        rises++;
        falls++;
    }

    /// <inheritdoc/>
    public override void Release()
    {
        budget.Give(bytes?.Length ?? 0);
        bytes = null;
        head = 0;
        taken = unchecked(taken + (uint)count);
        count = 0;
    }
}
