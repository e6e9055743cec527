using Servers.Vfs.Objects;

namespace Servers.Vfs.Names;

/// <summary>
/// Names of a directory in memory. Listings go from the newest name to the oldest, as Linux' tmpfs has it; a cursor stays valid while names
/// come and go.
/// </summary>
/// <param name="directory">The directory, if it is to be told of each change.</param>
public sealed class NameTable(Inode? directory = null)
{
    private const int CompactAbove = 32;

    private Dictionary<byte[], Dentry>? byName;

    // Ascending cookies; null where a name was removed, until the next compaction.
    private List<Dentry?>? order;
    private long nextCookie = 1;

    /// <summary>Number of names.</summary>
    public int Count => byName?.Count ?? 0;

    /// <summary>Finds a name without allocating.</summary>
    public bool TryFind(ReadOnlySpan<byte> name, out Dentry? dentry)
    {
        dentry = null;
        return byName != null && byName.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out dentry);
    }

    /// <summary>Adds a name that is not there yet.</summary>
    public void Add(Dentry dentry)
    {
        byName ??= new Dictionary<byte[], Dentry>(NameComparer.Instance);
        order ??= [];
        byName.Add(dentry.Name, dentry);
        dentry.Cookie = nextCookie++;
        order.Add(dentry);
        directory?.NameChanged(dentry.Name);
    }

    /// <summary>Removes a name.</summary>
    public void Remove(Dentry dentry)
    {
        if (byName == null || order == null || !byName.Remove(dentry.Name))
            return;
        order[IndexBelow(dentry.Cookie + 1)] = null;
        directory?.NameChanged(dentry.Name);
        removed++;
        if (removed > CompactAbove && removed > order.Count / 2)
        {
            order.RemoveAll(static entry => entry == null);
            removed = 0;
        }
    }

    private int removed;

    /// <summary>The newest name with a cookie below <paramref name="cookie"/>, or null.</summary>
    public Dentry? NextBelow(long cookie) => Below(cookie).Next();

    /// <summary>Names with cookies below <paramref name="cookie"/>, newest first; good while no name comes or goes.</summary>
    public Cursor Below(long cookie) => new(order, order == null ? -1 : IndexBelow(cookie));

    /// <summary>A way through names, found once and not for each of them.</summary>
    public ref struct Cursor
    {
        private readonly List<Dentry?>? order;
        private int index;

        internal Cursor(List<Dentry?>? order, int index) => (this.order, this.index) = (order, index);

        /// <summary>The next name, or null at the end.</summary>
        public Dentry? Next()
        {
            while (index >= 0)
            {
                if (order![index--] is { } dentry)
                    return dentry;
            }

            return null;
        }
    }

    /// <summary>Index of the last slot whose cookie is below; holes make the search look to the left for a cookie.</summary>
    private int IndexBelow(long cookie)
    {
        int low = 0;
        int high = order!.Count - 1;
        int found = -1;
        while (low <= high)
        {
            int middle = low + (high - low) / 2;
            int probe = middle;
            while (probe >= low && order[probe] == null)
                probe--;
            if (probe < low)
            {
                low = middle + 1;
                continue;
            }

            if (order[probe]!.Cookie < cookie)
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
