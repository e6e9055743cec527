using Servers.Vfs.Objects;

namespace Servers.Vfs.Requests;

/// <summary>
/// Writes to files that a program makes by posted calls, before vfs has seen those (docs/posted-names.md): so many are promised a turn. The program counts what
/// it has posted in a turn, and all that is served at the beginning of the next one; how many are left is counted here.
/// </summary>
/// <param name="ring">Of the program.</param>
/// <param name="names">A directory of the file system in which the files are made.</param>
internal sealed class FreshWrites(PostedRing ring, IUnseenNames names)
{
    /// <summary>Most in a turn: as many blocks of its pool as a program uses for posted writes.</summary>
    public const int Most = 8;

    private int left;

    /// <summary>In a turn, behind what was posted before: the program may post so many again, or as many as are left if there is no more memory.</summary>
    public void Refill()
    {
        if (left == Most)
            return;
        if (names.TryPromise(Most - left))
            left = Most;
        ring.PermitFresh(left);
    }

    /// <summary>One is about to be made; false: it was not promised.</summary>
    public bool TryTake()
    {
        if (left == 0)
            return false;
        left--;
        names.Keep(1);
        return true;
    }

    /// <summary>In a turn: none is posted any more. What comes late is refused.</summary>
    public void End()
    {
        names.Keep(left);
        left = 0;
        ring.PermitFresh(0);
    }
}
