namespace Servers.Vfs.Objects;

/// <summary>
/// Where paths have led lately that went down from directory to directory in memory: the next walk along the same text begins at its end. One for all file
/// systems of a tree (<see cref="FileSystem.Known"/>). docs/vfs.md, "Known directories".
/// </summary>
/// <remarks>
/// Nothing here has to be looked at again: whatever could lead such a path elsewhere, or refuse it to who walked it, forgets everything. What does so is one
/// setter of owner and mode (<see cref="Inode.IsOnKnownWay"/>), one place where names go (<see cref="Names.NameTable"/>), and mounts that come or go.
/// </remarks>
public sealed class KnownDirectories
{
    /// <summary>The longest text that is kept, in bytes.</summary>
    public const int LongestText = 64;

    private const int Entries = 16; // power of two

    private readonly KnownDirectory?[] entries = new KnownDirectory?[Entries];
    private bool isEmpty = true;

    /// <summary>Where a text leads somebody who may search all directories on its way; null: it has to be walked.</summary>
    public KnownDirectory? Find(Credentials credentials, in Location start, ReadOnlySpan<byte> text) =>
        entries[PlaceOf(text)] is { } entry && entry.Length == text.Length && entry.Credentials == credentials && entry.Start.Dentry == start.Dentry
            && entry.Start.Mount == start.Mount && text.SequenceEqual(entry.Text.AsSpan(0, entry.Length)) ? entry : null;

    /// <summary>A text led there. The directories on its way are <see cref="Inode.IsOnKnownWay"/>.</summary>
    public void Remember(Credentials credentials, in Location start, ReadOnlySpan<byte> text, in Location end)
    {
        KnownDirectory entry = entries[PlaceOf(text)] ??= new KnownDirectory();
        text.CopyTo(entry.Text);
        (entry.Length, entry.Start, entry.End, entry.Credentials) = (text.Length, start, end, credentials);
        isEmpty = false;
    }

    /// <summary>A path may lead elsewhere now.</summary>
    public void Forget()
    {
        if (isEmpty)
            return;
        Array.Clear(entries); // nothing of a file system that goes is kept here
        isEmpty = true;
    }

    // A text has at least a byte.
    private static int PlaceOf(ReadOnlySpan<byte> text) => (text.Length + text[^1] * 3) & (Entries - 1);
}

/// <summary>Where a text leads.</summary>
public sealed class KnownDirectory
{
    internal byte[] Text { get; } = new byte[KnownDirectories.LongestText];

    internal int Length { get; set; }

    internal Location Start { get; set; }

    internal Credentials? Credentials { get; set; }

    /// <summary>The directory.</summary>
    public Location End { get; internal set; }
}
