namespace Servers.Vfs.Objects;

/// <summary>Who has changed the names of a directory lately, and how often one has to in turn to be worth a permit to go on without waiting.</summary>
internal struct NameChanges()
{
    // A permit costs as much as a few requests. Each end by others makes it worth twice as many, up to a bound.
    private const int FirstWorth = 4, LargestWorth = 256;

    private uint last;
    private int inTurn, worth = FirstWorth;

    /// <summary>Counts a change by a connection; true if it has made enough in turn.</summary>
    public bool Count(uint connection)
    {
        inTurn = last == connection ? inTurn + 1 : 1;
        last = connection;
        return inTurn >= worth;
    }

    /// <summary>A permit has ended: whoever had it counts from one again.</summary>
    public void Ended(bool isCostlier)
    {
        inTurn = 0;
        if (isCostlier)
            worth = Math.Min(worth * 2, LargestWorth);
    }

    /// <summary>One is well used.</summary>
    public void Used() => worth = FirstWorth;
}
