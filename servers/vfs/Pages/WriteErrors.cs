using Libsys.Hosting;

namespace Servers.Vfs.Pages;

/// <summary>
/// Errors of writing back a file: each is told once to every description that was open when it happened, and to the first that is opened later if nobody has
/// been told; fsync(2). A mapping is told what its description is told, also after that was closed, so it carries a label that leads back there.
/// </summary>
/// <param name="kept">Pays for labels.</param>
public sealed class WriteErrors(Budget kept)
{
    // A mapping of which nothing more is known than that there is one: such mappings are told together.
    private const uint Unknown = uint.MaxValue;

    // An entry with its cursor. Who opens, maps and closes a file again and again, while another maps it, shall not use up what is kept for all.
    private const int LabelCost = 100, MostLabels = 1024;

    private readonly Dictionary<uint, WriteErrorCursor> labels = [];
    private Errno last;
    private long count;
    private bool isTold;
    private uint lastLabel;

    /// <summary>What a description that is opened now has been told.</summary>
    public WriteErrorCursor Open() => new() { Told = count == 0 || isTold ? count : count - 1 };

    /// <summary>Something could not be written.</summary>
    public void Add(Errno error)
    {
        last = error;
        count++;
        isTold = false;
    }

    /// <summary>The error that a description has not been told, or none.</summary>
    public Errno Tell(WriteErrorCursor cursor)
    {
        if (cursor.Told == count)
            return Errno.None;
        cursor.Told = count;
        isTold = true;
        return last;
    }

    /// <summary>The same for the description by which a mapping was made.</summary>
    public Errno Tell(uint label) => labels.TryGetValue(label, out WriteErrorCursor? cursor) ? Tell(cursor) : Errno.None;

    /// <summary>A label for mappings by a description, the same each time; not 0.</summary>
    internal uint Label(WriteErrorCursor cursor)
    {
        if (labels.TryGetValue(cursor.Label, out WriteErrorCursor? known) && ReferenceEquals(known, cursor))
            return cursor.Label;
        if (labels.Count < MostLabels && lastLabel < Unknown - 1 && kept.TryTake(LabelCost))
        {
            cursor.Label = ++lastLabel;
            labels.Add(cursor.Label, cursor);
            return cursor.Label;
        }

        if (labels.TryAdd(Unknown, Open()))
            kept.Take(LabelCost);
        return Unknown;
    }

    /// <summary>Nobody maps the file any more.</summary>
    internal void ForgetLabels()
    {
        kept.Give((long)labels.Count * LabelCost);
        labels.Clear();
    }
}

/// <summary>What a description has been told of the errors of its file.</summary>
public sealed class WriteErrorCursor
{
    /// <summary>How many errors there were then.</summary>
    internal long Told { get; set; }

    /// <summary>By which mappings refer to it.</summary>
    internal uint Label { get; set; }
}
