namespace Servers.Vfs.Pipes;

/// <summary>The bytes of a pipe: in vfs' own heap (<see cref="PipeBuffer"/>), or in memory that programs share (<see cref="PipeStream"/>).</summary>
public abstract class PipeStorage
{
    /// <summary>Bytes inside.</summary>
    public abstract int Count { get; }

    /// <summary>Index of the next byte to read, and the one behind the last byte written; both run freely.</summary>
    public abstract (uint Head, uint Tail) Indices { get; }

    /// <summary>Capacity: what there is, or what there would be now.</summary>
    public abstract int Capacity { get; }

    /// <summary>Numbers of changes now: by writers and by readers. A reader's is room for an atomic write that there was not.</summary>
    public abstract (uint Rises, uint Falls) Changes { get; }

    /// <summary>Bytes that fit.</summary>
    public int Free => Capacity - Count;

    /// <summary>Begins to take bytes out (or to put them in): no program does so until <see cref="Leave"/>. False: one is just doing it.</summary>
    public virtual bool TryEnter(bool reads) => true;

    /// <summary>Ends that.</summary>
    public virtual void Leave(bool reads)
    {
    }

    /// <summary>Takes bytes in, as many as fit.</summary>
    public abstract int Write(ReadOnlySpan<byte> data);

    /// <summary>The oldest bytes in one piece, without taking them out.</summary>
    public abstract ReadOnlySpan<byte> Peek();

    /// <summary>The bytes behind <see cref="Peek"/>'s, which lie at the start of the memory; empty if there are none.</summary>
    public abstract ReadOnlySpan<byte> PeekRest();

    /// <summary>Takes out bytes that were looked at.</summary>
    public abstract void Skip(int length);

    /// <summary>Gives bytes out, as many as there are.</summary>
    public int Read(Span<byte> buffer)
    {
        ReadOnlySpan<byte> first = Peek(), rest = PeekRest();
        first = first[..Math.Min(first.Length, buffer.Length)];
        first.CopyTo(buffer);
        rest = rest[..Math.Min(rest.Length, buffer.Length - first.Length)];
        rest.CopyTo(buffer[first.Length..]);
        int length = first.Length + rest.Length;
        if (length > 0)
            Skip(length);
        return length;
    }

    /// <summary>The number of open ends has changed.</summary>
    public virtual void SetEnds(int readers, int writers, bool hasHadWriter)
    {
    }

    /// <summary>Lets the memory go.</summary>
    public abstract void Release();
}
