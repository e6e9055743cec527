using System.Buffers.Binary;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Attributes;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Publishing;

/// <summary>
/// Shows programs what names in public directories stand for (docs/published-names.md). It publishes what somebody has asked for, and takes back whatever
/// changes, before the request that changes it is answered.
/// </summary>
/// <remarks>
/// What holds at all times: a record other than the root's has an entry; an entry's directory has a record, in which everybody may search; a directory has one
/// entry. So whatever loses its last public name, or a directory above which that is so, is gone with all below.
/// </remarks>
public sealed class NamePublisher : INameObserver
{
    // Directories between a working directory and the root: who works deeper asks.
    private const int MostAbove = 32;

    private const uint SearchableByAll = 0x49; // execute bits of owner, group and others

    private readonly MountTree mounts;
    private readonly PublishedMemory memory;
    private readonly EntryTable entries;
    private readonly PublishedRecord[] records = new PublishedRecord[PublishedNames.Records];
    private readonly Stack<PublishedRecord> free = new((int)PublishedNames.Records);
    private uint hand;

    /// <summary>Publishes the names of a tree.</summary>
    /// <param name="mounts">The tree.</param>
    /// <param name="memory">Zeros, of the length of <see cref="PublishedNames"/>, which programs can only read.</param>
    public NamePublisher(MountTree mounts, MappedMemory memory)
    {
        this.mounts = mounts;
        this.memory = new PublishedMemory(memory);
        entries = new EntryTable(this.memory);
        for (uint number = PublishedNames.Records; number-- > 0;)
            records[number] = new PublishedRecord(this, number);
        for (uint number = PublishedNames.Records - 1; number > 0; number--)
            free.Push(records[number]);
        mounts.Changed = RetractAll;
    }

    private PublishedRecord Root => records[0];

    /// <inheritdoc/>
    public bool Knows(Location directory) =>
        directory.Inode.Publication is PublishedRecord record && record.Place == directory && (record.Flags & PublishedNames.IsSearchable) != 0;

    /// <inheritdoc/>
    public void Found(Location directory, ReadOnlySpan<byte> name, Location child)
    {
        if (FindDirectory(directory) is { } parent && !(child.Inode.Publication is PublishedRecord known && known.Place == child && known.Parent == parent))
            Publish(parent, name, child);
    }

    /// <inheritdoc/>
    public void Absent(Location directory, ReadOnlySpan<byte> name)
    {
        if (FindDirectory(directory) is not { } parent || name.Length > PublishedNames.LongestName || !MayShowNames(directory.Inode))
            return;
        Span<byte> padded = stackalloc byte[(int)PublishedNames.LongestName];
        uint hash = EntryTable.Hash(parent, name, padded);
        if (entries.Find(parent, hash, name.Length, padded) >= 0)
            return;
        memory.Begin();
        if (TryMakePlace(hash, out int place))
            entries.Fill(place, parent, null, hash, name, padded);
        memory.End();
    }

    /// <summary>Shows the attributes of something whose name is published; they are valid.</summary>
    public void ShowAttributes(Inode inode)
    {
        inode.EndPosting();
        if (inode.Publication is not PublishedRecord record || (record.Flags & PublishedNames.HasAttributes) != 0 || inode.MayChangeUnseen)
            return;
        memory.Begin();
        StatRecord.Write(inode, memory.Record(record.Number).Slice((int)PublishedNames.Attributes, StatLayout.Length));
        SetFlags(record, record.Flags | PublishedNames.HasAttributes);
        memory.End();
    }

    /// <summary>
    /// How a directory is published, <see cref="PublishedNames.Reference"/>; with those above it, if everybody may come there from the root. 0: not.
    /// </summary>
    public ulong ShowDirectory(Location directory) =>
        FindOrPublish(directory, 0) is { } record ? PublishedNames.Reference(record.Number, record.Generation) : 0;

    /// <summary>What a program was shown by a <see cref="PublishedNames.Reference"/>; null: that is not so any more, or its name is not known.</summary>
    public Location? Find(ulong reference)
    {
        uint number = (uint)reference - 1;
        if (number >= PublishedNames.Records)
            return null;
        PublishedRecord record = records[number];
        return record.Generation == (uint)(reference >> 32) && record.Inode != null && record.Place != default ? record.Place : null;
    }

    /// <summary>What is shown of names in a directory is taken back: they change without requests from now on.</summary>
    public void HideNames(Inode directory)
    {
        if (directory.Publication is not PublishedRecord record)
            return;
        memory.Begin();
        while (record.FirstInside >= 0)
            Remove(record.FirstInside);
        memory.End();
    }

    /// <summary>Names may change from now on (<see cref="PublishedNames.Turn"/>).</summary>
    public void BeginTurn() => memory.BeginTurn();

    /// <summary>They stay as they are until the next turn.</summary>
    public void EndTurn() => memory.EndTurn();

    /// <summary>Takes everything back.</summary>
    public void RetractAll()
    {
        memory.Begin();
        Retract(Root);
        memory.End();
    }

    /// <summary>Something about what a record stands for is different now.</summary>
    internal void AttributesChanged(PublishedRecord record)
    {
        // A directory's times change with each name, and mostly nobody has asked for them.
        if ((record.Flags & PublishedNames.HasAttributes) == 0 && record.Inode!.Mode == record.Mode)
            return;
        uint flags = FlagsOf(record);
        memory.Begin();
        bool wasSearchable = (record.Flags & PublishedNames.IsSearchable) != 0;
        SetFlags(record, flags);
        while (wasSearchable && (flags & PublishedNames.IsSearchable) == 0 && record.FirstInside >= 0)
            Remove(record.FirstInside);
        memory.End();
    }

    /// <summary>A directory has got a name or lost one.</summary>
    internal void NameChanged(PublishedRecord record, ReadOnlySpan<byte> name)
    {
        AttributesChanged(record); // its length
        if (!record.MayName(name) || name.Length > PublishedNames.LongestName)
            return;
        Span<byte> padded = stackalloc byte[(int)PublishedNames.LongestName];
        uint hash = EntryTable.Hash(record, name, padded);
        int place = entries.Find(record, hash, name.Length, padded);
        if (place < 0)
            return;
        memory.Begin();
        Remove(place);
        memory.End();
    }

    // The record of a directory that everybody may search, if it has one.
    private PublishedRecord? FindDirectory(Location directory)
    {
        PublishedRecord? record = directory.Inode.Publication as PublishedRecord;
        if (record == null && (record = PublishRoot(directory)) == null)
            return null;
        return Knows(directory) ? record : null;
    }

    private PublishedRecord? PublishRoot(Location directory)
    {
        if (!ReferenceEquals(directory.Mount, mounts.Root) || !ReferenceEquals(directory.Dentry, mounts.Root.Root) || directory.Dentry.MountCount > 0
            || !directory.Inode.CanBePublished)
            return null;
        memory.Begin();
        Begin(Root, directory, Root);
        memory.End();
        return Root;
    }

    // A directory that was not reached by a walk from the root: a working directory.
    private PublishedRecord? FindOrPublish(Location directory, int below)
    {
        if (FindDirectory(directory) is { } known)
            return known;
        if (below == MostAbove || !directory.Inode.IsDirectory || !directory.Inode.CanBePublished || !IsPublic(directory.Inode))
            return null;
        Location point = MountTree.Ascend(directory);
        if (point.Dentry.Parent is not { } above || point.Dentry.IsRemoved || MountTree.Descend(point) != directory)
            return null;
        var parent = new Location(point.Mount, above);
        if (FindOrPublish(parent, below + 1) is not { } record)
            return null;
        Publish(record, point.Dentry.Name, directory);
        return FindDirectory(directory);
    }

    private void Publish(PublishedRecord parent, ReadOnlySpan<byte> name, Location child)
    {
        Inode inode = child.Inode;
        // What is seen through another mount than its directory has other rules than that tells: only directories, which have their own.
        bool isSimple = inode.CanBePublished && name.Length <= PublishedNames.LongestName
            && (inode.IsDirectory ? inode.Publication == null : ReferenceEquals(child.Mount, parent.Place.Mount));
        if (!isSimple || !MayShowNames(parent.Inode!))
            return;
        Span<byte> padded = stackalloc byte[(int)PublishedNames.LongestName];
        uint hash = EntryTable.Hash(parent, name, padded);
        int there = entries.Find(parent, hash, name.Length, padded);
        if (there >= 0 && entries.ChildOf(there) is { } same && same == inode.Publication)
        {
            same.Place = child;
            return;
        }

        memory.Begin();
        if (there >= 0)
            Remove(there);
        if (TryMakePlace(hash, out int place) && FindOrTake(inode, child, parent) is { } record)
        {
            record.Place = child;
            entries.Fill(place, parent, record, hash, name, padded);
        }

        memory.End();
    }

    private bool TryMakePlace(uint hash, out int place)
    {
        place = entries.Choose(hash, out bool isFree);
        if (place >= 0 && !isFree)
            Remove(place);
        return place >= 0;
    }

    private PublishedRecord? FindOrTake(Inode inode, Location child, PublishedRecord parent)
    {
        if (inode.Publication is PublishedRecord known)
            return known;
        if (free.Count == 0)
            Evict(parent);
        if (!free.TryPop(out PublishedRecord? record))
            return null;
        Begin(record, child, parent);
        return record;
    }

    // The next one that no other depends on.
    private void Evict(PublishedRecord kept)
    {
        for (uint looked = 0; looked < PublishedNames.Records; looked++)
        {
            PublishedRecord victim = records[hand++ % PublishedNames.Records];
            if (victim == Root || victim == kept || victim.FirstInside >= 0)
                continue;
            Retract(victim);
            return;
        }
    }

    private void Begin(PublishedRecord record, Location place, PublishedRecord parent)
    {
        Inode inode = place.Inode;
        record.Inode = inode;
        record.Place = place;
        record.Parent = parent;
        inode.Publication = record;
        Span<byte> shown = memory.Record(record.Number);
        BinaryPrimitives.WriteUInt32LittleEndian(shown[(int)PublishedNames.Parent..], inode.IsDirectory ? parent.Number : 0);
        if (inode.IsSymbolicLink && inode.ReadLink(new ImmediateContext(), out byte[] text) == Errno.None
            && text.Length <= PublishedNames.LongestText)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(shown[(int)PublishedNames.TextLength..], (uint)text.Length);
            text.CopyTo(shown[(int)PublishedNames.Text..]);
        }

        SetFlags(record, FlagsOf(record));
    }

    private void Remove(int place)
    {
        PublishedRecord? child = entries.Clear(place);
        if (child == null)
            return;
        child.Place = default; // perhaps it was that name; it is found out again
        if (child.FirstName < 0)
            Retract(child);
    }

    private void Retract(PublishedRecord record)
    {
        if (record.Inode == null)
            return;
        if (record.Inode.NamesMayChangeUnseen)
            record.Inode.Naming!.End();
        record.Inode.Publication = null;
        record.Inode = null;
        while (record.FirstInside >= 0)
            Remove(record.FirstInside);
        while (record.FirstName >= 0)
            Remove(record.FirstName);
        (record.Place, record.Parent, record.Flags) = (default, null, 0);
        Span<byte> shown = memory.Record(record.Number);
        shown.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(shown[(int)PublishedNames.Generation..], ++record.Generation);
        if (record != Root)
            free.Push(record);
    }

    private void SetFlags(PublishedRecord record, uint flags)
    {
        (record.Flags, record.Mode) = (flags, record.Inode!.Mode);
        BinaryPrimitives.WriteUInt32LittleEndian(memory.Record(record.Number)[(int)PublishedNames.Flags..], flags);
    }

    // Without attributes: those have to be asked for again.
    private static uint FlagsOf(PublishedRecord record)
    {
        const uint shared = InodeMode.Sticky | 2; // all may write
        Inode inode = record.Inode!;
        uint flags = inode.Mode >> PublishedNames.TypeShift & PublishedNames.TypeMask;
        if (!inode.IsDirectory)
            return flags;
        if (IsPublic(inode))
            flags |= PublishedNames.IsSearchable;
        if ((inode.Mode & shared) == shared)
            flags |= PublishedNames.IsShared;
        return (record.Place.Mount.Flags & MountFlags.NoExecute) != 0 ? flags | PublishedNames.IsNoExecute : flags;
    }

    // In most directories names change by requests.
    private static bool MayShowNames(Inode directory) => !directory.NamesMayChangeUnseen || !directory.Naming!.IsAsked();

    private static bool IsPublic(Inode inode) => (inode.Mode & SearchableByAll) == SearchableByAll;
}
