using System.Numerics;

namespace Servers.Vfs.Tmpfs;

/// <summary>One memory object of a file, and which of its pages hold data.</summary>
internal sealed class Segment
{
    private readonly ulong[] present;

    public Segment(IFileMemory memory, long length)
    {
        Memory = memory;
        Length = length;
        present = new ulong[MapBytes(length) / sizeof(ulong)];
    }

    /// <summary>Bytes of the map of a segment.</summary>
    public static long MapBytes(long length) => (length / FileContent.PageSize + 63) / 64 * sizeof(ulong);

    /// <summary>The bytes.</summary>
    public IFileMemory Memory { get; }

    /// <summary>Bytes that the segment covers.</summary>
    public long Length { get; }

    /// <summary>True if the page holds data.</summary>
    public bool Has(int page) => (present[page >> 6] >> (page & 63) & 1) != 0;

    /// <summary>Pages with data in [first, end).</summary>
    public int Count(int first, int end)
    {
        int count = 0;
        for (int word = first >> 6; word <= (end - 1) >> 6; word++)
            count += BitOperations.PopCount(present[word] & Mask(word, first, end));
        return count;
    }

    /// <summary>The pages in [first, end) hold data.</summary>
    public void Mark(int first, int end)
    {
        for (int word = first >> 6; word <= (end - 1) >> 6; word++)
            present[word] |= Mask(word, first, end);
    }

    /// <summary>The pages in [first, end) are holes.</summary>
    public void Unmark(int first, int end)
    {
        for (int word = first >> 6; word <= (end - 1) >> 6; word++)
            present[word] &= ~Mask(word, first, end);
    }

    private static ulong Mask(int word, int first, int end)
    {
        int low = Math.Max(first - (word << 6), 0);
        int high = Math.Min(end - (word << 6), 64);
        ulong upTo = high == 64 ? ulong.MaxValue : (1UL << high) - 1;
        return upTo & (ulong.MaxValue << low);
    }
}
