namespace Libsys.Messages;

/// <summary>
/// The page of an eventfd(2) that programs map, and the rules of its counter: the same for vfs and the personality. Every program that has the page may have
/// written anything there, so the rules hold for all values. docs/memory-sources.md.
/// </summary>
public static class EventCounterPage
{
    /// <summary>Bytes of the page.</summary>
    public const uint Length = 4096;

    /// <summary>Offset of the state, 64 bits: the counter.</summary>
    public const uint State = 0;

    /// <summary>Offset of a word, 32 bits: not 0 while somebody waits at vfs, which is to be rung after a change.</summary>
    public const uint Watched = 8;

    /// <summary>Offset of the number of changes that may have made it readable, 32 bits; wraps.</summary>
    public const uint Rises = 12;

    /// <summary>Offset of the number of changes that may have made it writable, 32 bits; wraps.</summary>
    public const uint Falls = 16;

    /// <summary>Offset of the description's status flags (O_NONBLOCK), 32 bits: vfs writes them, for programs that would rather not ask.</summary>
    public const uint Flags = 20;

    /// <summary>Highest counter that write(2) makes. One more is the overflow that eventfd(2) speaks of: poll finds POLLERR, read gives it.</summary>
    public const ulong Highest = ulong.MaxValue - 1;

    /// <summary>What a read takes. False: nothing is there.</summary>
    public static bool TryTake(ulong counter, bool isSemaphore, out ulong taken)
    {
        taken = isSemaphore && counter != 0 ? 1 : counter;
        return counter != 0;
    }

    /// <summary>The counter after a write. False: there is no room for so much yet.</summary>
    public static bool TryAdd(ulong counter, ulong value, out ulong sum)
    {
        sum = unchecked(counter + value);
        return value < ulong.MaxValue - counter;
    }

    /// <summary>What tells an edge of a description from the last one, for who waits until it becomes readable, writable or both.</summary>
    public static uint ChangeNumber(bool isForReading, bool isForWriting, uint rises, uint falls) =>
        unchecked((isForReading ? rises : 0) + (isForWriting ? falls : 0));
}
