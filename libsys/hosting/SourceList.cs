using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Libsys.Hosting;

/// <summary>
/// Sources in no order. A place that is not in use any more keeps its reference until <see cref="Forget"/>: mostly the same source comes and goes with each
/// request, and then nothing is stored at all. Storing a reference costs ten instructions, and seventy where the list looks at its class.
/// </summary>
internal sealed class SourceList
{
    private Entry[] entries = new Entry[8];

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>One of them.</summary>
    public EventSource this[int index] => entries[index].Source;

    /// <summary>Adds one at the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(EventSource source)
    {
        Entry[] all = entries;
        int place = Count;
        if (place < all.Length && all[place].Source == source)
            Count = place + 1;
        else
            AddOther(source);
    }

    /// <summary>Takes one out; the last one takes its place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void RemoveAt(int index)
    {
        int last = --Count;
        if (index != last)
            entries[index] = entries[last];
    }

    /// <summary>Takes all out.</summary>
    public void Clear() => Count = 0;

    /// <summary>Drops references of places that are not in use.</summary>
    public void Forget() => Array.Clear(entries, Count, entries.Length - Count);

    private void AddOther(EventSource source)
    {
        if (Count == entries.Length)
            Array.Resize(ref entries, 2 * Count);
        entries[Count++] = new Entry(source);
    }

    [SuppressMessage("Performance", "CA1815", Justification = "Nobody compares them.")]
    private readonly struct Entry(EventSource source)
    {
        public EventSource Source { get; } = source;
    }
}
