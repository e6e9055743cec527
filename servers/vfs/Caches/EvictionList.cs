using Servers.Vfs.Objects;

namespace Servers.Vfs.Caches;

/// <summary>What a cache may let go: the least recently used first, but nothing that the present try has met.</summary>
/// <remarks>
/// Progress is certain: what a request waited for is the newest when it is tried again, and a request that has been tried often keeps all that it meets until
/// it ends (the favourite, one at a time). A cache may so exceed its limit by what one try and one favourite meet: the components of a path.
/// </remarks>
internal sealed class EvictionList<T>
    where T : class, IEvictable
{
    // More tries than there are things to wait for in a path of ordinary depth.
    private const int FavourAfter = 16;

    // What cannot go is passed over; if that is too much, the cache stays too large until the next time.
    private const int MostPassedOver = 32;

    private EvictionNode<T>? oldest, newest;
    private OperationContext? favourite;
    private long favouriteSerial;

    /// <summary>A try has met it; null: it has arrived between two tries.</summary>
    public void Touch(EvictionNode<T> node, OperationContext? context)
    {
        if (context != null)
        {
            node.LastTry = context.Try;
            if (context.Tries > FavourAfter)
                Favour(node, context);
        }

        if (!node.IsListed || ReferenceEquals(node, newest))
            return;
        Remove(node);
        Add(node);
    }

    /// <summary>It is not in use any more.</summary>
    public void Add(EvictionNode<T> node)
    {
        node.IsListed = true;
        node.Older = newest;
        node.Newer = null;
        if (newest == null)
            oldest = node;
        else
            newest.Newer = node;
        newest = node;
    }

    /// <summary>It is in use, or gone.</summary>
    public void Remove(EvictionNode<T> node)
    {
        node.IsListed = false;
        if (node.Older == null)
            oldest = node.Newer;
        else
            node.Older.Newer = node.Newer;
        if (node.Newer == null)
            newest = node.Older;
        else
            node.Newer.Older = node.Older;
        node.Older = node.Newer = null;
    }

    /// <summary>The next to go, or null. <paramref name="arrived"/> does not: somebody waits for it.</summary>
    public T? Next(OperationContext? context, EvictionNode<T> arrived)
    {
        long present = context?.Try ?? -1;
        int passedOver = 0;
        for (EvictionNode<T>? node = oldest; node != null && node.LastTry != present && passedOver < MostPassedOver; node = node.Newer, passedOver++)
        {
            bool isFavoured = node.FavouredBy == favouriteSerial && favourite?.Serial == favouriteSerial;
            if (!isFavoured && !ReferenceEquals(node, arrived) && node.Owner.TryPrepareEviction())
                return node.Owner;
        }

        return null;
    }

    /// <summary>Any that may go, when all shall go.</summary>
    public T? Any() => oldest?.Owner;

    private void Favour(EvictionNode<T> node, OperationContext context)
    {
        if (favourite?.Serial != favouriteSerial)
            (favourite, favouriteSerial) = (context, context.Serial);
        if (ReferenceEquals(favourite, context))
            node.FavouredBy = favouriteSerial;
    }
}

/// <summary>Place of an entry in an <see cref="EvictionList{T}"/>.</summary>
internal sealed class EvictionNode<T>(T owner)
    where T : class, IEvictable
{
    /// <summary>The entry.</summary>
    public T Owner { get; } = owner;

    /// <summary>It is in the list: nothing uses it.</summary>
    public bool IsListed;

    /// <summary>Neighbours.</summary>
    public EvictionNode<T>? Older, Newer;

    /// <summary>Number of the last try that met it.</summary>
    public long LastTry;

    /// <summary>Number of the favourite that has met it.</summary>
    public long FavouredBy;
}

/// <summary>An entry of a cache.</summary>
internal interface IEvictable
{
    /// <summary>True if it may go now. Where something is still to be written, that is begun and the answer is false.</summary>
    bool TryPrepareEviction();
}
