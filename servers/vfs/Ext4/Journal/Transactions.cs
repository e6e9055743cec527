using Servers.Vfs.Blocks;
using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Ext4;

/// <summary>
/// Changes on their way to the disk: those of the running transaction, which takes more, and those of the one that is being committed, which stay as they are.
/// docs/ext4.md, "Writing".
/// </summary>
internal sealed class Transactions : INewerBlocks
{
    // Blocks of a transaction: 8 MiB, no more than an eighth of the arena (two of them and the dirty pages, a fifth, leave half of it), and no more than
    // half of the log takes.
    private const int MostBlocks = 2048, PartOfArena = 8;

    // Slots that are set aside for write-back, which must not fail because all memory is full of what it is to write.
    private const int MostSpare = 64;

    // Requests that wait for a commit and were dropped leave a number behind.
    private const int MostTargets = 4096;

    private readonly Volume volume;
    private readonly JournalCommit commit;
    private readonly Dictionary<long, long> targets = [];
    private readonly Stack<int> spare = [];
    private Transaction running = new(1);
    private Transaction? committing;
    private long committed, forced;
    private bool isClosing;

    public Transactions(Volume volume, JournalPlace place, JournalSuperBlock super)
    {
        this.volume = volume;
        commit = new JournalCommit(volume, place, super);
        Limit = (int)Math.Min(Math.Min(MostBlocks, volume.Cache.Capacity / PartOfArena), commit.MostBlocks);
    }

    /// <summary>Blocks that a transaction may have.</summary>
    public int Limit { get; }

    /// <summary>Some blocks are free when what there is has been committed.</summary>
    public bool HasFreed => running.Freed.Count > 0 || committing?.Freed.Count > 0;

    /// <summary>The device could not be written: nothing more is changed.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Nothing is to be committed, and nothing on its way.</summary>
    public bool IsIdle => committing == null && running.IsEmpty;

    /// <summary>A commit has ended, or its blocks are in their places.</summary>
    public WaitQueue Changed { get; } = new();

    /// <summary>The same for those who are no requests.</summary>
    public event Action? Ended;

    /// <summary>The first change of a transaction was made: it is to be committed before long.</summary>
    public Action? Begun { get; set; }

    /// <summary>The time, in nanoseconds since 1970.</summary>
    public required Func<long> Now { get; init; }

    /// <summary>Memory for what a commit needs beside the blocks.</summary>
    public bool TryPrepare()
    {
        Refill();
        return Limit > 0 && spare.Count > 0 && commit.TryPrepare(Limit);
    }

    public bool TryCopy(long block, int offset, Span<byte> into)
    {
        if (!running.Blocks.TryGetValue(block, out int slot) && committing?.Blocks.TryGetValue(block, out slot) != true)
            return false;
        volume.Cache.Slots.Span(slot, 1).Slice(offset, into.Length).CopyTo(into);
        return true;
    }

    public bool IsChecked(long block, BlockUse use)
    {
        Transaction? newest = running.Blocks.ContainsKey(block) ? running : committing?.Blocks.ContainsKey(block) == true ? committing : null;
        return newest != null && newest.Uses.TryGetValue(block, out BlockUse known) && known == use;
    }

    /// <summary>Blocks that were freed, and are still somebody's if the power fails now.</summary>
    public IEnumerable<(long Block, long Count)> Freed => committing == null ? running.Freed : committing.Freed.Concat(running.Freed);

    /// <summary>
    /// None: so many blocks can be changed now. EAGAIN: when <see cref="Ended"/> or <see cref="Changed"/> says. Who writes back may use what is set aside.
    /// </summary>
    public Errno Admit(int blocks, bool isWriteBack = true)
    {
        if (IsBroken)
            return Errno.EROFS;
        if (blocks > Limit)
            return Errno.ENOSPC;
        for (bool isAgain = false; ; isAgain = true)
        {
            bool hasMemory = volume.Cache.TryEnsure(isWriteBack ? Math.Max(blocks - spare.Count, 0) : blocks);
            if (running.Blocks.Count + blocks <= Limit && hasMemory)
                return Errno.None;
            if (isAgain || IsIdle)
                return IsIdle ? Errno.ENOMEM : Errno.EAGAIN;
            // It may end at once.
            Force(running.Number);
        }
    }

    /// <summary>The same for a request.</summary>
    public Errno Admit(OperationContext context, int blocks)
    {
        Errno error = Admit(blocks, isWriteBack: false);
        return error == Errno.EAGAIN ? context.WaitOn(Changed) : error;
    }

    /// <summary>Takes the blocks of a change, which was admitted.</summary>
    public void Apply(
        Dictionary<long, byte[]> blocks, Dictionary<long, BlockUse> uses, List<long> forgotten, List<(long Block, long Count)> freed)
    {
        bool isFirst = running.IsEmpty;
        foreach ((long block, byte[] bytes) in blocks)
        {
            if (!running.Blocks.TryGetValue(block, out int slot))
            {
                if (volume.Cache.Slots.Take(1, out slot, out _) == 0)
                    slot = spare.Pop();
                running.Blocks.Add(block, slot);
            }

            bytes.CopyTo(volume.Cache.Slots.Span(slot, 1));
            if (uses.TryGetValue(block, out BlockUse use))
                running.Uses[block] = use;
            else
                running.Uses.Remove(block);
        }

        foreach (long block in forgotten)
        {
            running.Uses.Remove(block);
            if (running.Blocks.Remove(block, out int slot))
                volume.Cache.Slots.Give(slot, 1, isShared: false);
        }

        running.Freed.AddRange(freed);
        if (isFirst)
            Begun?.Invoke();
    }

    /// <summary>All that has been changed until the request first came here is on the disk, and what files were written too; or waits for it.</summary>
    public Errno Commit(OperationContext context)
    {
        if (!targets.TryGetValue(context.Serial, out long target))
        {
            if (targets.Count == MostTargets)
                targets.Clear();
            targets.Add(context.Serial, target = running.Number);
        }

        if (committed < target && !IsBroken)
        {
            Force(target);
            if (committed < target && !IsBroken)
                return context.WaitOn(Changed);
        }

        targets.Remove(context.Serial);
        return committed >= target ? Errno.None : Errno.EIO;
    }

    /// <summary>Begins to commit what there is.</summary>
    public void Begin()
    {
        if (!running.IsEmpty)
            Force(running.Number);
    }

    /// <summary>Empties the log, when nothing is to be committed: the last step before the end.</summary>
    public void Close(Action<Errno> ended)
    {
        isClosing = true;
        DiskSteps.Run(commit.Close(), error =>
        {
            isClosing = false;
            ended(error);
            Next();
        });
    }

    /// <summary>Gives its memory back.</summary>
    public void Free()
    {
        commit.Free();
        // Those of transactions only if the log is broken.
        foreach (int slot in spare.Concat(running.Blocks.Values).Concat(committing?.Blocks.Values.AsEnumerable() ?? []))
            volume.Cache.Slots.Give(slot, 1, isShared: false);
        spare.Clear();
    }

    private void Refill()
    {
        while (spare.Count < Math.Min(MostSpare, Limit) && volume.Cache.TakeSlots(1, out int slot, out _) > 0)
            spare.Push(slot);
    }

    private void Force(long number)
    {
        forced = Math.Max(forced, number);
        Next();
    }

    private void Next()
    {
        if (committing != null || isClosing || IsBroken || forced < running.Number)
            return;
        committing = running;
        running = new Transaction(committing.Number + 1);
        DiskSteps.Run(commit.Run(committing, Now(), OnDisk), InPlace);
    }

    private void OnDisk()
    {
        committed = committing!.Number;
        Tell();
    }

    private void InPlace(Errno error)
    {
        if (error != Errno.None)
        {
            IsBroken = true;
            volume.Corrupted("the journal cannot be written: nothing is changed any more");
        }
        else
        {
            foreach (int slot in committing!.Blocks.Values)
                volume.Cache.Slots.Give(slot, 1, isShared: false);
            committing = null;
            Refill();
        }

        Tell();
        Next();
    }

    private void Tell()
    {
        Changed.Wake();
        Ended?.Invoke();
    }
}
