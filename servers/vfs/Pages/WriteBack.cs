using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Pages;

/// <summary>When dirty pages are written: by age, when there are many, and when somebody needs their room. Files sync themselves.</summary>
public sealed class WriteBack
{
    /// <summary>Nanoseconds after which a page is written by itself, and how often that is looked at: as long as Linux' 30 and 5 seconds.</summary>
    public const long Age = 30_000_000_000, Period = 5_000_000_000;

    // Of the arena: from a tenth on pages are written although they are young, at a fifth who makes more waits, as on Linux.
    private const int BackgroundPart = 10, LimitPart = 5;

    private readonly LinkedList<StoredPages> files = [];
    private readonly List<StoredPages> watched = [];
    private readonly Queue<StoredPages> due = [];
    private readonly WaitQueue cleaned = new();
    private readonly Func<long> now;
    private readonly Func<bool> canWrite;
    private readonly int slots;
    private int dirty, writing;
    private bool isArmed, isPumping;

    internal WriteBack(Func<long> now, Func<bool> canWrite, int slots) => (this.now, this.canWrite, this.slots) = (now, canWrite, slots);

    /// <summary>Sets the timer that calls <see cref="Look"/>, in nanoseconds since boot; null: nothing is written by age.</summary>
    public Action<long>? Arm { get; set; }

    /// <summary>Pages that are dirty or being written.</summary>
    public int Pages => dirty + writing;

    /// <summary>The latest request that has been seen: what changes now was changed by it or after it.</summary>
    internal long Stamp { get; private set; }

    /// <summary>The timer: writes what is old, and looks for what mappings have written and for mappings that are gone.</summary>
    public void Look()
    {
        isArmed = false;
        foreach (StoredPages file in watched.ToArray())
        {
            if (file.File.IsMapped)
            {
                file.Collect();
                continue;
            }

            file.IsWatched = false;
            watched.Remove(file);
            file.Unmapped();
        }

        long old = now() - Age;
        foreach (StoredPages file in files.ToArray())
        {
            if (file.DirtySince > old)
                continue;
            MakeDue(file, Stamp);
        }

        Pump();
        ArmIfNeeded();
    }

    /// <summary>A request goes on.</summary>
    internal void Meet(OperationContext context) => Stamp = Math.Max(Stamp, context.Serial);

    /// <summary>
    /// All files of a file system that were dirty when the request began are in their stores; or waits for the first that is not. All of them are begun
    /// before, one after the other as there is room: so each try looks at what is left, and not at all.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="isMeant">True for stores of that file system.</param>
    /// <param name="begunFor">The latest request of the file system for which all were begun.</param>
    internal Errno Sync(OperationContext context, Func<IPageStore, bool> isMeant, ref long begunFor)
    {
        Meet(context);
        // Who has no number cannot wait.
        long stamp = context.Serial == 0 ? long.MaxValue : context.Serial;
        if (context.Serial == 0 || begunFor < stamp)
        {
            begunFor = Math.Max(begunFor, context.Serial);
            foreach (StoredPages file in files.ToArray())
            {
                if (!isMeant(file.Store))
                    continue;
                file.Collect();
                MakeDue(file, stamp);
            }

            Pump();
        }

        // What ends at once changes the list.
        while (FirstUnsafe(stamp, isMeant) is { } left)
        {
            if (!canWrite())
                MakeDue(left, stamp);
            Errno error = left.Sync(context);
            if (error != Errno.None)
                return error;
        }

        return Errno.None;
    }

    /// <summary>Waits while there are so many dirty pages that no more may be made.</summary>
    internal Errno AwaitRoom(OperationContext context, int pages)
    {
        if (HasRoom(pages))
            return Errno.None;
        Pump(isWanted: true);
        return HasRoom(pages) ? Errno.None : context.WaitOn(cleaned);
    }

    /// <summary>Mappings may write to a file from now on, or somebody waits for its last one to go.</summary>
    internal void Watch(StoredPages file)
    {
        if (!file.IsWatched)
            watched.Add(file);
        file.IsWatched = true;
        ArmIfNeeded();
    }

    /// <summary>A file has one more dirty page.</summary>
    internal void Add(StoredPages file)
    {
        dirty++;
        if (file.Dirty.Count == 1)
            file.DirtySince = now();
        file.Place ??= files.AddLast(file);

        ArmIfNeeded();
    }

    /// <summary>Pages are clean because they are gone.</summary>
    internal void Forget(StoredPages file, int count)
    {
        dirty -= count;
        Unlist(file);
        if (count > 0)
            cleaned.Wake();
    }

    /// <summary>Dirty pages are being written.</summary>
    internal void Began(StoredPages file, int count)
    {
        dirty -= count;
        writing += count;
        if (file.Place is not { } place)
            return;
        files.Remove(place); // the next is another file's
        files.AddLast(place);
    }

    /// <summary>They are written.</summary>
    internal void Ended(StoredPages file, int count)
    {
        writing -= count;
        Unlist(file);
        cleaned.Wake();
    }

    /// <summary>Goes on writing while there is too much.</summary>
    internal void Pump(bool isWanted = false)
    {
        if (isPumping)
            return;
        isPumping = true;
        while (canWrite() && due.TryPeek(out StoredPages? old))
        {
            if (old.BeginWrites(old.DueStamp, 1) == 0)
                due.Dequeue().IsDue = false;
        }

        int looks = files.Count;
        while (looks-- > 0 && dirty > 0 && canWrite() && (isWanted || Pages > slots / BackgroundPart || !cleaned.IsEmpty) && files.First is { } first)
        {
            if (first.Value.BeginWrites(long.MaxValue, 1) > 0)
            {
                looks = files.Count;
            }
            else if (first.List != null)
            {
                files.Remove(first);
                files.AddLast(first);
            }
        }

        isPumping = false;
    }

    private StoredPages? FirstUnsafe(long stamp, Func<IPageStore, bool> isMeant)
    {
        foreach (StoredPages file in files)
        {
            if (isMeant(file.Store) && !file.Dirty.IsSafe(stamp))
                return file;
        }

        return null;
    }

    /// <summary>
    /// Writes what was dirty at a stamp or before as soon as there is room for it: somebody may wait for that, and nothing else would wake him.
    /// </summary>
    internal void MakeDue(StoredPages file, long stamp)
    {
        file.DueStamp = Math.Max(file.DueStamp, stamp);
        if (!file.IsDue)
            due.Enqueue(file);
        file.IsDue = true;
    }

    // One request may make more than there may be, if there are no others.
    private bool HasRoom(int pages) => Pages == 0 || Pages + pages <= slots / LimitPart;

    private void Unlist(StoredPages file)
    {
        if (file.Place is not { } place || !file.Dirty.IsEmpty)
            return;
        files.Remove(place);
        file.Place = null;
    }

    private void ArmIfNeeded()
    {
        if (isArmed || (files.Count == 0 && watched.Count == 0))
            return;
        isArmed = true;
        Arm?.Invoke(now() + Period);
    }
}
