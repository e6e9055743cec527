using Servers.Vfs.Objects;

namespace Servers.Vfs.Ext4;

// The journal's beginning and end.
internal sealed partial class Ext4FileSystem
{
    // Reads where the journal is, and what it says; frees what was left without names.
    private Errno StartLog(OperationContext context)
    {
        SuperBlock super = Volume.Super;
        if (Volume.Device.Traits.IsReadOnly)
            return Errno.EACCES;
        if (WhyReadOnly(super) is { } why)
        {
            sources.Log($"{TypeName} ({Volume.Device.Name}): can only be mounted read-only: {why}");
            return Errno.EROFS;
        }

        Errno error = Errno.None;
        if (place == null)
        {
            error = JournalPlace.Find(new RequestReader(Volume, context), super.JournalInode, out JournalPlace found);
            if (error != Errno.None)
                return error;
            byte[] bytes = new byte[JournalSuperBlock.Length];
            error = new RequestReader(Volume, context).Read(found[0], 0, bytes);
            if (error == Errno.None)
                error = new JournalSuperBlock(bytes).Check(Volume.BlockSize, found.Blocks, out _);
            if (error != Errno.None)
                return error;
            if (new JournalSuperBlock(bytes).Start != 0)
            {
                sources.Log($"{TypeName} ({Volume.Device.Name}): can only be mounted read-only: the journal is not empty, and not to be replayed");
                return Errno.EROFS;
            }

            (place, journal) = (found, bytes);
        }

        error = LoadOrphans(context, out List<Ext4Inode> orphans);
        if (error != Errno.None)
            return error;
        var log = new Transactions(Volume, place, new JournalSuperBlock(journal!)) { Now = () => Clock.Wall };
        if (!Volume.Direct.TryPrepare() || !log.TryPrepare())
        {
            log.Free();
            Volume.Direct.Close();
            return Errno.ENOMEM;
        }

        alarm ??= sources.Alarms(() => Log?.Begin());
        log.Begun = () =>
        {
            (isClosed, hasBegun) = (false, true);
            alarm.Set(Clock.Monotonic + CommitAfter);
        };
        log.Ended += GoOn;
        (Log, Volume.Newer, Volume.Damaged, isClosed) = (log, log, OnDamage, true);
        Orphans.AddRange(orphans);
        foreach (Ext4Inode orphan in orphans)
        {
            if (Inodes.Find(context, orphan.Number) == null)
                Inodes.Add(context, orphan);
            if (orphan.LinkCount > 0)
                orphan.CutRest();
            else
                orphan.FreeIfUnused();
        }

        return Errno.None;
    }

    // The list on the disk, from its head; here its head is the last one.
    private Errno LoadOrphans(OperationContext context, out List<Ext4Inode> orphans)
    {
        const int most = 10_000;
        orphans = [];
        var reader = new RequestReader(Volume, context);
        for (uint number = Volume.Super.LastOrphan; number != 0;)
        {
            uint wanted = number;
            bool isInode = number >= Volume.Super.FirstInode && number <= Volume.Super.InodeCount;
            if (orphans.Count == most || !isInode || orphans.Exists(known => known.Number == wanted))
                return Volume.Corrupted("the list of orphans is wrong");
            var inode = (Ext4Inode?)Inodes.Find(context, number);
            Errno error = inode == null ? InodeLoader.Load(reader, this, number, out inode, isOrphan: true) : Errno.None;
            if (error != Errno.None)
                return error;
            if (inode!.LinkCount > 0 && inode is not Ext4File)
                return Volume.Corrupted("the list of orphans has what can be no orphan");
            orphans.Add(inode);
            number = inode.Record.DeletionTime;
        }

        orphans.Reverse();
        return Errno.None;
    }

    // Null: it can be written.
    private string? WhyReadOnly(SuperBlock super)
    {
        if ((super.ReadOnly & ~ReadOnlyFeatures.Known) != 0)
            return $"features 0x{(uint)(super.ReadOnly & ~ReadOnlyFeatures.Known):x}";
        if (!super.Has(CompatibleFeatures.HasJournal))
            return "there is no journal";
        if (!super.Has(IncompatibleFeatures.Extents))
            return "files have block maps";
        if (super.Has(IncompatibleFeatures.AttributeInodes))
            return "attributes have inodes of their own";
        if (super.Has(CompatibleFeatures.FastCommit))
            return "the journal is kept for fast commits";
        // Then the journal's numbers of blocks must be long ones, which Linux sees to when it mounts.
        if (super.BlockCount > uint.MaxValue)
            return "it has more than 2^32 blocks";
        if (super.Has(IncompatibleFeatures.InlineData))
            return "files have their bytes in inodes";
        // In memory it says so since the first change, also when the log has been emptied by a remount.
        if (place == null && super.Has(IncompatibleFeatures.NeedsRecovery))
            return "the journal has not been replayed";
        return (super.State & SuperBlock.ErrorState) != 0 ? "it has errors: run e2fsck" : null;
    }

    private void OnDamage()
    {
        if (IsDamaged)
            return;
        (IsDamaged, isClosed) = (true, false);
        Restrictions |= MountFlags.ReadOnly;
        sources.Log($"{TypeName} ({Volume.Device.Name}): is read-only from now on");
    }

    private void EndLog()
    {
        alarm?.Cancel();
        Log?.Free();
        (Log, Volume.Newer, Volume.Damaged) = (null, null, null);
        Orphans.Clear();
    }
}
