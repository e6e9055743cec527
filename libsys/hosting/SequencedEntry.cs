namespace Libsys.Hosting;

/// <summary>
/// One entry of a table that one server writes and others map read-only. Its first 32-bit word is a sequence number: odd while the entry is being
/// written. Stores are seen in program order on x86 (SDM vol. 3 §8.2.2), so no fence is needed.
/// </summary>
public readonly struct SequencedEntry(MappedMemory memory, ulong offset, int length)
{
    // A writer that dies in the middle leaves an odd number for ever; a reader gives up then.
    private const int Attempts = 1000;

    /// <summary>Starts changing the entry; readers wait.</summary>
    public void BeginWrite() => memory.WriteUInt32(offset, memory.ReadUInt32(offset) | 1);

    /// <summary>Ends changing it.</summary>
    public void EndWrite() => memory.WriteUInt32(offset, memory.ReadUInt32(offset) + 1);

    /// <summary>The entry's bytes. Offset 0 is the sequence number.</summary>
    public Span<byte> Bytes => memory.Span(offset, length);

    /// <summary>Copies a consistent state of the entry. False if none could be had.</summary>
    public bool TryRead(Span<byte> copy)
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            uint before = memory.ReadUInt32(offset);
            if ((before & 1) == 0)
            {
                memory.Span(offset, Math.Min(copy.Length, length)).CopyTo(copy);
                if (memory.ReadUInt32(offset) == before)
                    return true;
            }

            Thread.SpinWait(16);
        }

        return false;
    }
}
