using Servers.Vfs.Objects;

namespace Servers.Vfs.Caches;

/// <summary>
/// Inodes of a file system whose truth is elsewhere, by number, bounded: the least recently used of those go that nothing pins and that have nothing to be
/// written. The rules are those of <see cref="EvictionList{T}"/>.
/// </summary>
/// <param name="limit">Inodes kept beside those in use.</param>
public sealed class InodeCache(int limit)
{
    private readonly Dictionary<ulong, CachedInode> inodes = [];
    private readonly EvictionList<CachedInode> unused = new();

    /// <summary>Inodes that the cache knows.</summary>
    public int Count => inodes.Count;

    /// <summary>Inodes that were let go to stay within the limit.</summary>
    public long Evictions { get; private set; }

    /// <summary>All of them, for those who write back.</summary>
    public IReadOnlyCollection<CachedInode> All => inodes.Values;

    /// <summary>The object for a number, or null.</summary>
    public CachedInode? Find(OperationContext context, ulong number)
    {
        if (!inodes.TryGetValue(number, out CachedInode? inode))
            return null;
        unused.Touch(inode.Node, context);
        return inode;
    }

    /// <summary>Learns an inode whose number it does not know; without a context it has arrived between two tries.</summary>
    public void Add(OperationContext? context, CachedInode inode)
    {
        inodes.Add(inode.Number, inode);
        Update(inode);
        unused.Touch(inode.Node, context);
        while (inodes.Count > limit && unused.Next(context, inode.Node) is { } victim)
        {
            Evictions++;
            Remove(victim);
            victim.Evicted();
        }
    }

    /// <summary>The number stands for nothing any more: the inode was freed.</summary>
    public void Remove(CachedInode inode)
    {
        if (inode.Node.IsListed)
            unused.Remove(inode.Node);
        if (inodes.TryGetValue(inode.Number, out CachedInode? known) && ReferenceEquals(known, inode))
            inodes.Remove(inode.Number);
    }

    /// <summary>Forgets all that nothing pins; what was to be written has been. False if something is pinned or was not.</summary>
    public bool TryClear()
    {
        foreach (CachedInode inode in new List<CachedInode>(inodes.Values))
        {
            if (inode.IsPinned || inode.IsDirty)
                return false;
            Remove(inode);
            inode.Evicted();
        }

        return true;
    }

    /// <summary>What pins an inode has changed.</summary>
    internal void Update(CachedInode inode)
    {
        bool mayGo = !inode.IsPinned && inodes.TryGetValue(inode.Number, out CachedInode? known) && ReferenceEquals(known, inode);
        if (mayGo && !inode.Node.IsListed)
            unused.Add(inode.Node);
        else if (!mayGo && inode.Node.IsListed)
            unused.Remove(inode.Node);
    }
}
