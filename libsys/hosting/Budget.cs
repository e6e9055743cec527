namespace Libsys.Hosting;

/// <summary>
/// A bound on what others make a server keep, in whatever unit the owner counts: bytes of its heap, pages, handles. Counted roughly where exactness would cost;
/// what matters is that there is an end. Not for several threads.
/// </summary>
/// <param name="limit">All that may be kept.</param>
public sealed class Budget(long limit)
{
    /// <summary>All that may be kept. Less than is in use means that nothing more may be taken until enough is given back.</summary>
    public long Limit { get; set; } = limit;

    /// <summary>What is in use.</summary>
    public long Used { get; private set; }

    /// <summary>What is not in use, but set aside for who was told so.</summary>
    public long Promised { get; private set; }

    /// <summary>True if so much more may be kept.</summary>
    public bool HasRoom(long amount) => amount <= Limit - Used - Promised;

    /// <summary>Sets so much aside: <see cref="Keep"/> ends that, and then there is room for it. False: there is not so much.</summary>
    public bool TryPromise(long amount)
    {
        bool fits = HasRoom(amount);
        if (fits)
            Promised += amount;
        return fits;
    }

    /// <summary>What was promised is about to be taken, or is wanted no more.</summary>
    public void Keep(long amount) => Promised -= amount;

    /// <summary>Takes all of it, or says no and takes nothing.</summary>
    public bool TryTake(long amount)
    {
        bool fits = HasRoom(amount);
        if (fits)
            Used += amount;
        return fits;
    }

    /// <summary>Takes as much as there is, up to an amount; that much may have to be given back at once.</summary>
    public int TakeSome(int amount)
    {
        int taken = (int)Math.Clamp(Limit - Used - Promised, 0, amount);
        Used += taken;
        return taken;
    }

    /// <summary>Counts what is kept in any case, beyond the limit if need be.</summary>
    public void Take(long amount) => Used += amount;

    /// <summary>Gives back what was taken.</summary>
    public void Give(long amount) => Used -= amount;
}
