namespace Servers.Vfs.Ext4;

/// <summary>Neighbouring blocks of a file that lie together, or are all holes.</summary>
/// <param name="First">First block of the file.</param>
/// <param name="Count">Blocks, at least one.</param>
/// <param name="Physical">First block of the device; 0: a hole.</param>
/// <param name="IsUnwritten">Room that was made and reads as zero.</param>
internal readonly record struct BlockRun(long First, long Count, long Physical, bool IsUnwritten)
{
    /// <summary>It has bytes on the device.</summary>
    public bool HasData => Physical != 0 && !IsUnwritten;

    /// <summary>Block behind it.</summary>
    public long End => First + Count;
}
