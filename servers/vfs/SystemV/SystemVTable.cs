using Servers.Vfs.Objects;

namespace Servers.Vfs.SystemV;

/// <summary>All objects of one kind, by id, by place and by key.</summary>
/// <param name="most">How many there may be at first: SHMMNI and its like.</param>
public sealed class SystemVTable<T>(int most)
    where T : SystemVObject
{
    // Places are given in turn, so that an id comes back late; but of few objects the places stay low, for programs look through all of them.
    private const int FewestInTurn = 64;

    private readonly Dictionary<int, T> byKey = [];
    private T?[] places = [];
    private int last = -1, sequence;

    /// <summary>How many there may be, at most <see cref="SystemVNumbers.Places"/>.</summary>
    public int Most { get; set; } = most;

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>The highest place in use; 0 if there is none.</summary>
    public int Highest { get; private set; }

    /// <summary>All of them, by place.</summary>
    public IEnumerable<T> All
    {
        get
        {
            for (int place = 0; place < places.Length; place++)
            {
                if (places[place] is { } found)
                    yield return found;
            }
        }
    }

    /// <summary>An object by its id, or null.</summary>
    public T? Find(int id) => At(id < 0 ? -1 : id % SystemVNumbers.Places) is { } found && found.Id == id ? found : null;

    /// <summary>What is at a place, or null.</summary>
    public T? At(int place) => (uint)place < (uint)places.Length ? places[place] : null;

    /// <summary>
    /// The way of shmget(2) and its like: what has the key, if those flags and rights allow it, or what <paramref name="make"/> makes. Its error, ENOENT,
    /// EEXIST, EACCES, ENOSPC, or None.
    /// </summary>
    /// <param name="key">The key as given.</param>
    /// <param name="flags">IPC_* and, as mode, what is wanted of an object that is there.</param>
    /// <param name="asking">Who asks.</param>
    /// <param name="check">What is wrong with one that is there.</param>
    /// <param name="make">Makes one.</param>
    /// <param name="found">It.</param>
    public Errno Get(int key, uint flags, Credentials asking, Func<T, Errno> check, MakeObject<T> make, out T? found)
    {
        found = null;
        if (key != SystemVNumbers.Private && byKey.TryGetValue(key, out T? known))
        {
            if ((flags & (SystemVNumbers.Create | SystemVNumbers.Exclusive)) == (SystemVNumbers.Create | SystemVNumbers.Exclusive))
                return Errno.EEXIST;
            Errno wrong = check(known);
            if (wrong == Errno.None && !known.Permission.Grants(asking, flags & SystemVNumbers.ModeMask))
                wrong = Errno.EACCES;
            found = wrong == Errno.None ? known : null;
            return wrong;
        }

        if (key != SystemVNumbers.Private && (flags & SystemVNumbers.Create) == 0)
            return Errno.ENOENT;
        Errno error = make(new Permission(key, flags, asking), Count >= Most, out T? made);
        if (error != Errno.None)
            return error;
        Add(found = made!);
        return Errno.None;
    }

    /// <summary>It cannot be found by a key any more.</summary>
    public void ForgetKey(T known)
    {
        if (known.Permission.Key != SystemVNumbers.Private)
            byKey.Remove(known.Permission.Key);
        known.Permission.Key = SystemVNumbers.Private;
    }

    /// <summary>It is gone.</summary>
    public void Remove(T known)
    {
        ForgetKey(known);
        known.IsGone = true;
        places[known.Place] = null;
        Count--;
        while (Highest > 0 && places[Highest] == null)
            Highest--;
    }

    private void Add(T made)
    {
        int inTurn = Math.Min(Math.Max(FewestInTurn, Count * 2), SystemVNumbers.Places);
        if (places.Length < inTurn)
            Array.Resize(ref places, inTurn);
        int place = last;
        do
        {
            if (++place < inTurn)
                continue;
            place = 0;
            sequence = (sequence + 1) & (int.MaxValue / SystemVNumbers.Places);
        }
        while (places[place] != null);
        last = place;
        made.Id = sequence * SystemVNumbers.Places + place;
        places[place] = made;
        Highest = Math.Max(Highest, place);
        Count++;
        if (made.Permission.Key != SystemVNumbers.Private)
            byKey.Add(made.Permission.Key, made);
    }
}

/// <summary>
/// Makes an object, or says why not. <paramref name="isFull"/>: there are as many as there may be (ENOSPC, behind what is wrong with the rest).
/// </summary>
public delegate Errno MakeObject<T>(Permission permission, bool isFull, out T? made);
