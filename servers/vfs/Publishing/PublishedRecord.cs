using Servers.Vfs.Objects;

namespace Servers.Vfs.Publishing;

/// <summary>A record of the published names (docs/published-names.md) as vfs keeps it for itself: nothing is read back from what programs see.</summary>
internal sealed class PublishedRecord(NamePublisher publisher, uint number) : IPublication
{
    private int firstInside = -1;
    private ulong names; // a bit for each entry, by a hash that costs little

    /// <summary>Its place.</summary>
    public uint Number { get; } = number;

    /// <summary>Goes up when it stops standing for something.</summary>
    public uint Generation { get; set; }

    /// <summary>What it stands for; null: nothing.</summary>
    public Inode? Inode { get; set; }

    /// <summary>The name that was published last of it, as long as that is: a file may have several. Of a directory the only one.</summary>
    public Location Place { get; set; }

    /// <summary>The directory above, of a directory.</summary>
    public PublishedRecord? Parent { get; set; }

    /// <summary>The word that programs see.</summary>
    public uint Flags { get; set; }

    /// <summary>st_mode that they were made of.</summary>
    public uint Mode { get; set; }

    /// <summary>First entry of this directory, −1: none.</summary>
    public int FirstInside
    {
        get => firstInside;
        set
        {
            firstInside = value;
            if (value < 0)
                names = 0;
        }
    }

    /// <summary>First entry that stands for this record, −1: none.</summary>
    public int FirstName { get; set; } = -1;

    /// <summary>False if this directory has no entry for a name: so are most that are made and removed, and nothing is to be searched.</summary>
    public bool MayName(ReadOnlySpan<byte> name) => names != 0 && (names & BitOf(name)) != 0;

    /// <summary>This directory has an entry for a name.</summary>
    public void NoteName(ReadOnlySpan<byte> name) => names |= BitOf(name);

    /// <inheritdoc/>
    public void AttributesChanged() => publisher.AttributesChanged(this);

    /// <inheritdoc/>
    public void NameChanged(ReadOnlySpan<byte> name) => publisher.NameChanged(this, name);

    private static ulong BitOf(ReadOnlySpan<byte> name) => name.IsEmpty ? 0 : 1ul << (name[0] + name[^1] * 3 + name.Length * 7);
}
