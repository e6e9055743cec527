namespace Servers.Vfs.Ext4;

/// <summary>
/// The leaves of extent trees that were looked at last, checked: who reads a file with many extents need not read and check a block of them for each transfer.
/// </summary>
internal sealed class KnownLeaves
{
    // Files that are read at the same time. Each has a block of memory.
    private const int Most = 16;

    private readonly Leaf[] leaves = new Leaf[Most];
    private int next;

    /// <summary>The run that begins at a block, if its leaf is known. A record is another one after each change of its file.</summary>
    public bool TryFind(InodeRecord record, long block, out BlockRun run)
    {
        foreach (Leaf leaf in leaves)
        {
            if (ReferenceEquals(leaf.Record, record) && block >= leaf.First && block < leaf.End)
            {
                var node = new ExtentNode(leaf.Bytes);
                int entry = node.Find(block);
                run = BlockMap.InLeaf(node, entry, block, entry + 1 < node.Count ? node.First(entry + 1) : leaf.End);
                return true;
            }
        }

        run = default;
        return false;
    }

    /// <summary>Remembers a leaf below the root, for the blocks [first, end). Nobody else has its bytes.</summary>
    public void Add(InodeRecord record, byte[] bytes, long first, long end)
    {
        leaves[next] = new Leaf(record, bytes, first, end);
        next = (next + 1) % Most;
    }

    /// <summary>Forgets those of a record, which goes.</summary>
    public void Forget(InodeRecord record)
    {
        for (int number = 0; number < Most; number++)
        {
            if (ReferenceEquals(leaves[number].Record, record))
                leaves[number] = default;
        }
    }

    private readonly record struct Leaf(InodeRecord? Record, byte[] Bytes, long First, long End);
}
