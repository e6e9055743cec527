namespace Servers.Vfs.Ext4;

/// <summary>
/// Finds what of a log has to be written: the blocks of transactions that were committed, each once, but for those that a later transaction has revoked. It is
/// shown the log's blocks one after the other.
/// </summary>
internal sealed class JournalScan(JournalSuperBlock super, Volume volume)
{
    private readonly Dictionary<long, (uint LogBlock, uint Sequence, JournalTag Tag)> committed = [];
    private readonly Dictionary<long, uint> revoked = [];
    private readonly List<(uint LogBlock, JournalTag Tag)> pending = [];
    private readonly List<long> pendingRevokes = [];
    private readonly Queue<JournalTag> awaited = [];
    private uint whole = Checksums.Start;
    private uint position = super.Start;
    private long left = super.Blocks - super.First;

    /// <summary>Block of the journal that is to be shown next.</summary>
    public uint Position => position;

    /// <summary>Number of the transaction that is being read; at the end of the one that was not committed.</summary>
    public uint Sequence { get; private set; } = super.Sequence;

    /// <summary>The log is damaged there, and does not just end.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>Looks at the next block. False: the log ends.</summary>
    public bool TryTake(ReadOnlySpan<byte> block)
    {
        if (left-- <= 0)
            return false;
        if (awaited.TryDequeue(out JournalTag tag))
        {
            if (super.HasWholeChecksums)
                whole = Checksums.HighestFirst(whole, block);
            pending.Add((position, tag));
            Advance();
            return true;
        }

        bool goesOn = JournalBlock.KindOf(block, Sequence) switch
        {
            JournalBlockKind.Descriptor => TakeDescriptor(block),
            JournalBlockKind.Revoke => TakeRevokes(block),
            JournalBlockKind.Commit => TakeCommit(block),
            _ => false,
        };
        Advance();
        return goesOn;
    }

    /// <summary>The blocks to be written, in the order in which they lie in the log.</summary>
    public List<(uint LogBlock, uint Sequence, JournalTag Tag)> Blocks() =>
    [
        .. committed.Values.Where(block => !revoked.TryGetValue(block.Tag.Home, out uint by) || (int)(block.Sequence - by) > 0)
            .OrderBy(static block => block.LogBlock),
    ];

    private bool TakeDescriptor(ReadOnlySpan<byte> block)
    {
        var tags = new List<JournalTag>();
        if (!JournalBlock.IsIntact(block, super) || !JournalBlock.TryReadTags(block, super, tags))
            return Damaged();
        if (super.HasWholeChecksums)
            whole = Checksums.HighestFirst(whole, block);
        foreach (JournalTag tag in tags)
            awaited.Enqueue(tag);
        return true;
    }

    private bool TakeRevokes(ReadOnlySpan<byte> block) =>
        (JournalBlock.IsIntact(block, super) && JournalBlock.TryReadRevokes(block, super, pendingRevokes)) || Damaged();

    private bool TakeCommit(ReadOnlySpan<byte> block)
    {
        if (!JournalBlock.IsCommitIntact(block, super, whole) || pending.Exists(entry => !volume.IsHome(entry.Tag.Home)))
            return Damaged();
        foreach ((uint logBlock, JournalTag tag) in pending)
            committed[tag.Home] = (logBlock, Sequence, tag);
        foreach (long revoke in pendingRevokes)
            revoked[revoke] = Sequence;
        pending.Clear();
        pendingRevokes.Clear();
        whole = Checksums.Start;
        Sequence++;
        return true;
    }

    private bool Damaged()
    {
        IsDamaged = true;
        return false;
    }

    private void Advance() => position = position + 1 < super.Blocks ? position + 1 : super.First;
}
