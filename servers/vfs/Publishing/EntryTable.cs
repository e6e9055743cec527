using System.Buffers.Binary;
using Libsys.Messages;

namespace Servers.Vfs.Publishing;

/// <summary>Entries of the published names by directory and name, and the lists in which each record finds those that are its own.</summary>
internal sealed class EntryTable(PublishedMemory memory)
{
    private const int None = -1;

    private readonly Entry[] entries = new Entry[PublishedNames.Entries];
    private int hand;

    /// <summary>One as vfs keeps it for itself. <c>Parent</c> null: the place is free; <c>Child</c> null: there is no such name.</summary>
    private struct Entry
    {
        public PublishedRecord? Parent, Child;
        public uint Hash;
        public int NextInside, PreviousInside, NextName, PreviousName;
    }

    /// <summary>A name's hash, and the name filled up to whole words.</summary>
    public static uint Hash(PublishedRecord parent, ReadOnlySpan<byte> name, Span<byte> padded)
    {
        padded.Clear();
        name.CopyTo(padded);
        ulong hash = PublishedNames.BeginHash(parent.Number);
        for (int word = 0; word < name.Length; word += sizeof(ulong))
            hash = PublishedNames.AddToHash(hash, BinaryPrimitives.ReadUInt64LittleEndian(padded[word..]));
        return PublishedNames.EndHash(hash);
    }

    /// <summary>Where a name's entry is, −1: nowhere.</summary>
    public int Find(PublishedRecord parent, uint hash, int length, ReadOnlySpan<byte> padded)
    {
        for (uint probe = 0; probe < PublishedNames.Probes; probe++)
        {
            int place = PlaceOf(hash, probe);
            ref Entry entry = ref entries[place];
            if (entry.Hash != hash || entry.Parent != parent)
                continue;
            Span<byte> shown = memory.Entry(place);
            if (BinaryPrimitives.ReadUInt32LittleEndian(shown[(int)PublishedNames.EntryNameLength..]) == length
                && shown[(int)PublishedNames.EntryName..].SequenceEqual(padded))
                return place;
        }

        return None;
    }

    /// <summary>A free place for a name; else one whose entry may go; −1: all of them stand for directories, whose own entries would go with them.</summary>
    public int Choose(uint hash, out bool isFree)
    {
        int victim = None;
        isFree = true;
        for (uint probe = 0; probe < PublishedNames.Probes; probe++)
        {
            int place = PlaceOf(hash, (uint)hand + probe);
            ref Entry entry = ref entries[place];
            if (entry.Parent == null)
                return place;
            if (entry.Child is not { Inode.IsDirectory: true })
                victim = place;
        }

        hand++;
        isFree = false;
        return victim;
    }

    /// <summary>Fills a free place; <paramref name="child"/> null: there is no such name.</summary>
    public void Fill(int place, PublishedRecord parent, PublishedRecord? child, uint hash, ReadOnlySpan<byte> name, ReadOnlySpan<byte> padded)
    {
        parent.NoteName(name);
        ref Entry entry = ref entries[place];
        entry = new Entry { Parent = parent, Child = child, Hash = hash, PreviousInside = None, PreviousName = None, NextInside = parent.FirstInside,
            NextName = None };
        if (parent.FirstInside >= 0)
            entries[parent.FirstInside].PreviousInside = place;
        parent.FirstInside = place;
        if (child != null)
        {
            entry.NextName = child.FirstName;
            if (child.FirstName >= 0)
                entries[child.FirstName].PreviousName = place;
            child.FirstName = place;
        }

        Span<byte> shown = memory.Entry(place);
        BinaryPrimitives.WriteUInt32LittleEndian(shown[(int)PublishedNames.EntryHash..], hash);
        BinaryPrimitives.WriteUInt32LittleEndian(shown[(int)PublishedNames.EntryParent..], parent.Number);
        BinaryPrimitives.WriteUInt32LittleEndian(shown[(int)PublishedNames.EntryChild..], child?.Number ?? PublishedNames.Absent);
        BinaryPrimitives.WriteUInt32LittleEndian(shown[(int)PublishedNames.EntryNameLength..], (uint)name.Length);
        padded.CopyTo(shown[(int)PublishedNames.EntryName..]);
    }

    /// <summary>Wipes an entry; the record that it stood for.</summary>
    public PublishedRecord? Clear(int place)
    {
        memory.Entry(place).Clear();
        Entry entry = entries[place];
        entries[place] = default;
        if (entry.PreviousInside >= 0)
            entries[entry.PreviousInside].NextInside = entry.NextInside;
        else
            entry.Parent!.FirstInside = entry.NextInside;
        if (entry.NextInside >= 0)
            entries[entry.NextInside].PreviousInside = entry.PreviousInside;
        if (entry.Child == null)
            return null;
        if (entry.PreviousName >= 0)
            entries[entry.PreviousName].NextName = entry.NextName;
        else
            entry.Child.FirstName = entry.NextName;
        if (entry.NextName >= 0)
            entries[entry.NextName].PreviousName = entry.PreviousName;
        return entry.Child;
    }

    /// <summary>The record that an entry stands for.</summary>
    public PublishedRecord? ChildOf(int place) => entries[place].Child;

    // The hand only chooses where among the probes a search begins.
    private static int PlaceOf(uint hash, uint probe) => (int)((hash + probe % PublishedNames.Probes) & (PublishedNames.Entries - 1));
}
