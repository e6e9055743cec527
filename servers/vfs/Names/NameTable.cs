using Servers.Vfs.Objects;

namespace Servers.Vfs.Names;

/// <summary>
/// Names of a directory in memory. Listings go from the newest name to the oldest, as Linux' tmpfs has it; a cursor stays valid while names
/// come and go.
/// </summary>
/// <remarks>
/// A dentry is in one table at most, so it has room for what that needs of it: its hash, the next one of the same chain, its place in the order. Adding and
/// removing a name is a few stores, and makes no garbage.
/// </remarks>
/// <param name="directory">The directory, if it is to be told of each change.</param>
public sealed class NameTable(Inode? directory = null)
{
    private const int FirstPlaces = 4, CompactAbove = 32;

    // Power of two; a chain runs through the dentries of a hash, newest first. About one name a chain.
    private Place[] chains = [];

    // Ascending cookies; null where a name was removed, until the next compaction.
    private Place[] order = [];
    private int end, removed;
    private long nextCookie = 1;

    /// <summary>Number of names.</summary>
    public int Count => end - removed;

    /// <summary>Finds a name without allocating.</summary>
    public bool TryFind(ReadOnlySpan<byte> name, out Dentry? dentry)
    {
        dentry = null;
        if (chains.Length == 0)
            return false;
        uint hash = NameComparer.Instance.Hash.Of(name);
        Dentry? at = chains[hash & (uint)(chains.Length - 1)].Dentry;
        while (at != null && (at.NameHash != hash || !name.SequenceEqual(at.Name)))
            at = at.NextOfChain;
        dentry = at;
        return at != null;
    }

    /// <summary>Adds a name that is not there yet.</summary>
    public void Add(Dentry dentry)
    {
        if (end == order.Length)
            Grow();
        dentry.NameHash = NameComparer.Instance.Hash.Of(dentry.Name);
        Enchain(dentry);
        dentry.Cookie = nextCookie++;
        dentry.Order = end;
        order[end++].Dentry = dentry;
        directory?.NameChanged(dentry.Name);
    }

    /// <summary>Removes a name; nothing if it is not here.</summary>
    public void Remove(Dentry dentry)
    {
        if ((uint)dentry.Order >= (uint)end || order[dentry.Order].Dentry != dentry)
            return;
        Unchain(dentry);
        order[dentry.Order].Dentry = null;
        removed++;
        // What comes and goes at the end of the order, as most does, leaves nothing there.
        while (end > 0 && order[end - 1].Dentry == null)
            (end, removed) = (end - 1, removed - 1);
        if (removed > CompactAbove && removed > end / 2)
            Compact();
        dentry.Inode.NameGoes();
        directory?.NameChanged(dentry.Name);
    }

    /// <summary>The newest name with a cookie below <paramref name="cookie"/>, or null.</summary>
    public Dentry? NextBelow(long cookie) => Below(cookie).Next();

    /// <summary>Names with cookies below <paramref name="cookie"/>, newest first; good while no name comes or goes.</summary>
    public Cursor Below(long cookie) => new(order, IndexBelow(cookie));

    /// <summary>A way through names, found once and not for each of them.</summary>
    public ref struct Cursor
    {
        private readonly Place[] order;
        private int index;

        internal Cursor(Place[] order, int index) => (this.order, this.index) = (order, index);

        /// <summary>The next name, or null at the end.</summary>
        public Dentry? Next()
        {
            while (index >= 0)
            {
                if (order[index--].Dentry is { } dentry)
                    return dentry;
            }

            return null;
        }
    }

    /// <summary>A reference in an array: without a check of its type at each store, which an array of a class has.</summary>
    internal struct Place
    {
        public Dentry? Dentry;
    }

    private void Enchain(Dentry dentry)
    {
        ref Place chain = ref chains[dentry.NameHash & (uint)(chains.Length - 1)];
        dentry.NextOfChain = chain.Dentry;
        chain.Dentry = dentry;
    }

    private void Unchain(Dentry dentry)
    {
        ref Place chain = ref chains[dentry.NameHash & (uint)(chains.Length - 1)];
        if (chain.Dentry == dentry)
        {
            chain.Dentry = dentry.NextOfChain;
        }
        else
        {
            Dentry before = chain.Dentry!;
            while (before.NextOfChain != dentry)
                before = before.NextOfChain!;
            before.NextOfChain = dentry.NextOfChain;
        }

        dentry.NextOfChain = null;
    }

    private void Grow()
    {
        int places = Math.Max(order.Length * 2, FirstPlaces);
        Array.Resize(ref order, places);
        chains = new Place[places];
        for (int index = 0; index < end; index++)
        {
            if (order[index].Dentry is { } dentry)
                Enchain(dentry);
        }
    }

    private void Compact()
    {
        int kept = 0;
        for (int index = 0; index < end; index++)
        {
            if (order[index].Dentry is not { } dentry)
                continue;
            dentry.Order = kept;
            order[kept++].Dentry = dentry;
        }

        Array.Clear(order, kept, end - kept);
        (end, removed) = (kept, 0);
    }

    /// <summary>Index of the last slot whose cookie is below; holes make the search look to the left for a cookie.</summary>
    private int IndexBelow(long cookie)
    {
        int low = 0;
        int high = end - 1;
        int found = -1;
        while (low <= high)
        {
            int middle = low + (high - low) / 2;
            int probe = middle;
            while (probe >= low && order[probe].Dentry == null)
                probe--;
            if (probe < low)
            {
                low = middle + 1;
                continue;
            }

            if (order[probe].Dentry!.Cookie < cookie)
            {
                found = probe;
                low = middle + 1;
            }
            else
            {
                high = probe - 1;
            }
        }

        return found;
    }
}
