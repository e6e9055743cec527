namespace Servers.Vfs.Pages;

/// <summary>
/// Errors of writing back a file: each is told once to every description that was open when it happened, and to the first that is opened later if nobody has
/// been told; fsync(2).
/// </summary>
public sealed class WriteErrors
{
    private Errno last;
    private long count;
    private bool isTold;

    /// <summary>What a description that is opened now has been told.</summary>
    public long Opened => count == 0 || isTold ? count : count - 1;

    /// <summary>Something could not be written.</summary>
    public void Add(Errno error)
    {
        last = error;
        count++;
        isTold = false;
    }

    /// <summary>The error that a description has not been told, or none.</summary>
    /// <param name="told">What it has been told: first <see cref="Opened"/>.</param>
    public Errno Tell(ref long told)
    {
        if (told == count)
            return Errno.None;
        told = count;
        isTold = true;
        return last;
    }
}
