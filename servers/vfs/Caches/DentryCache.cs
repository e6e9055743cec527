using Servers.Vfs.Names;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Caches;

/// <summary>What a <see cref="DentryCache"/> knows of a name.</summary>
public enum CachedName
{
    /// <summary>Nothing: the file system looks.</summary>
    Unknown,

    /// <summary>It does not exist.</summary>
    Absent,

    /// <summary>It exists.</summary>
    Present,
}

/// <summary>
/// Names of a file system whose truth is elsewhere, present and absent ones, bounded: the least recently used of those go that nothing holds and that have
/// nothing below them. The rules are those of <see cref="EvictionList{T}"/>.
/// </summary>
/// <param name="limit">Names kept beside those in use.</param>
public sealed class DentryCache(int limit)
{
    private readonly EvictionList<CachedDentry> unused = new();

    /// <summary>Names that the cache knows.</summary>
    public int Count { get; private set; }

    /// <summary>Dentries that live, with those that were removed and are still held.</summary>
    public int Living { get; private set; }

    /// <summary>Dentries that were let go to stay within the limit.</summary>
    public long Evictions { get; private set; }

    /// <summary>The root, which stays.</summary>
    public CachedDentry CreateRoot(CachedInode inode)
    {
        Living++;
        return new CachedDentry(this, null, [], inode);
    }

    /// <summary>Looks a name up.</summary>
    public CachedName Find(OperationContext context, Dentry parent, ReadOnlySpan<byte> name, out Dentry? child)
    {
        child = null;
        if (((CachedDentry)parent).Names is not { } names || !names.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out CachedDentry? known))
            return CachedName.Unknown;
        unused.Touch(known.Node, context);
        if (known.IsNegative)
            return CachedName.Absent;
        child = known;
        return CachedName.Present;
    }

    /// <summary>Learns a name; null: that it does not exist. A name that was removed takes no new ones.</summary>
    public CachedDentry Add(OperationContext context, Dentry parent, ReadOnlySpan<byte> name, CachedInode? inode)
    {
        var directory = (CachedDentry)parent;
        Forget(directory, name);
        var made = new CachedDentry(this, directory, name.ToArray(), inode);
        Born();
        Insert(made);
        unused.Touch(made.Node, context);
        Trim(context, made);
        return made;
    }

    /// <summary>A name was removed from its directory: it stays for those who hold it.</summary>
    public void Remove(Dentry child)
    {
        child.IsRemoved = true;
        Drop((CachedDentry)child);
        ForgetBelow(child);
    }

    /// <summary>
    /// A directory without names was removed: those that were known not to exist there would keep its inode until they are evicted, and nobody asks for them.
    /// </summary>
    public void ForgetBelow(Dentry removed)
    {
        foreach (CachedDentry name in ((CachedDentry)removed).Names?.Values.Where(static name => name.IsNegative).ToArray() ?? [])
            Drop(name);
    }

    /// <summary>A name has moved; what had the new name is forgotten.</summary>
    public void Move(Dentry child, Dentry newParent, ReadOnlySpan<byte> newName)
    {
        var moved = (CachedDentry)child;
        Forget((CachedDentry)newParent, newName);
        Take(moved);
        moved.Move((CachedDentry)newParent, newName.ToArray());
        Insert(moved);
    }

    /// <summary>Two names have changed places.</summary>
    public void Exchange(Dentry first, Dentry second)
    {
        var one = (CachedDentry)first;
        var other = (CachedDentry)second;
        var (parent, name) = ((CachedDentry)one.Parent!, one.Name);
        Take(one);
        Take(other);
        one.Move((CachedDentry)other.Parent!, other.Name);
        other.Move(parent, name);
        Insert(one);
        Insert(other);
    }

    /// <summary>The file system ends, with nothing in use but its root: forgets all names and lets the root's inode go. False if some are in use.</summary>
    public bool TryClose(CachedDentry root)
    {
        Clear();
        if (root.Children > 0)
            return false;
        Living--;
        root.Die();
        return true;
    }

    /// <summary>Forgets all that nothing holds: its server has another truth.</summary>
    public void Clear()
    {
        while (unused.Any() is { } dentry)
            Drop(dentry);
    }

    /// <summary>A dentry lives.</summary>
    internal void Born() => Living++;

    /// <summary>What keeps a dentry has changed.</summary>
    internal void Update(CachedDentry dentry)
    {
        bool isUsed = dentry.IsHeld || dentry.Children > 0;
        bool mayGo = dentry.IsCached && !isUsed;
        if (mayGo && !dentry.Node.IsListed)
            unused.Add(dentry.Node);
        else if (!mayGo && dentry.Node.IsListed)
            unused.Remove(dentry.Node);
        if (dentry.IsCached || isUsed || dentry.IsDead || dentry.Parent == null)
            return;
        Living--;
        dentry.Die();
    }

    private void Trim(OperationContext context, CachedDentry made)
    {
        while (Count > limit && unused.Next(context, made.Node) is { } victim)
        {
            Evictions++;
            Drop(victim);
        }
    }

    private void Forget(CachedDentry parent, ReadOnlySpan<byte> name)
    {
        if (parent.Names is { } names && names.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out CachedDentry? known))
            Drop(known);
    }

    private void Insert(CachedDentry dentry)
    {
        var parent = (CachedDentry)dentry.Parent!;
        (parent.Names ??= new Dictionary<byte[], CachedDentry>(NameComparer.Instance)).Add(dentry.Name, dentry);
        dentry.IsCached = true;
        Count++;
        Update(dentry);
    }

    // Out of the table of its parent, and nothing else: it is about to be put elsewhere.
    private void Take(CachedDentry dentry)
    {
        ((CachedDentry)dentry.Parent!).Names!.Remove(dentry.Name);
        Count--;
    }

    private void Drop(CachedDentry dentry)
    {
        if (!dentry.IsCached)
            return;
        Take(dentry);
        dentry.IsCached = false;
        Update(dentry);
    }
}
