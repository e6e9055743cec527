namespace Servers.Vfs.Ext4;

/// <summary>Changes that reach the disk together.</summary>
internal sealed class Transaction(long number)
{
    public long Number => number;

    /// <summary>Slots of the blocks.</summary>
    public Dictionary<long, int> Blocks { get; } = [];

    /// <summary>What blocks were checked for before they came here.</summary>
    public Dictionary<long, BlockUse> Uses { get; } = [];

    /// <summary>Blocks that it frees: nobody gets them before it is on the disk.</summary>
    public List<(long Block, long Count)> Freed { get; } = [];

    public bool IsEmpty => Blocks.Count == 0 && Freed.Count == 0;
}
