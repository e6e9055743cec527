using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Pages;

/// <summary>What is under way between the cache and all stores, bounded, and who waits for room.</summary>
internal sealed class TransferTable
{
    // Enough to keep a device's queue filled, and a bound on what has to be kept of them: a transfer is up to 256 KiB. Writing leaves readers their part.
    private const int MostReads = 64, MostWrites = 32;

    // Accesses of mappings that wait: each is a thread of a program and a handle of vfs. Beyond that the access is tried again and again.
    private const int MostMissing = 1024;

    private readonly WaitQueue room = new();
    private List<MissingPage> missing = [];
    private int reads, writes;
    private bool isWaking, isAgain;

    /// <summary>Accesses of mappings that wait for a page.</summary>
    public int MissingPages { get; set; }

    /// <summary>True if another access may wait.</summary>
    public bool MayKeep => MissingPages < MostMissing;

    /// <summary>True if another read may begin.</summary>
    public bool MayRead => reads < MostReads;

    /// <summary>True if another leaf may be written.</summary>
    public bool MayWrite => writes < MostWrites;

    /// <summary>Transfers under way.</summary>
    public int Count => reads + writes;

    /// <summary>A transfer begins.</summary>
    public void Began(bool isWrite)
    {
        if (isWrite)
            writes++;
        else
            reads++;
    }

    /// <summary>And has ended.</summary>
    public void Ended(bool isWrite)
    {
        if (isWrite)
            writes--;
        else
            reads--;
    }

    /// <summary>Waits for a transfer to end, any of them, so that a slot can be had; ENOMEM if none is under way: nothing will change.</summary>
    public Errno WaitForRoom(OperationContext context) => Count == 0 ? Errno.ENOMEM : context.WaitOn(room);

    /// <summary>The same for an access of a mapping. False: nothing will change.</summary>
    public bool KeepForRoom(MissingPage access)
    {
        if (Count > 0)
            missing.Add(access);
        return Count > 0;
    }

    /// <summary>There may be room again.</summary>
    public void WakeRoom()
    {
        room.Wake();
        isAgain = true;
        // A transfer may end within the retry of another's access.
        if (isWaking)
            return;
        isWaking = true;
        while (isAgain && missing.Count > 0)
        {
            isAgain = false;
            List<MissingPage> woken = missing;
            missing = [];
            foreach (MissingPage access in woken)
                access.Retry();
        }

        isWaking = false;
    }
}
