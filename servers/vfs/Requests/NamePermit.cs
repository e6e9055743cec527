using Libsys.Messages;
using Servers.Vfs.Attributes;
using Servers.Vfs.Objects;
using Servers.Vfs.Processes;

namespace Servers.Vfs.Requests;

/// <summary>
/// A program may change the names of a directory without waiting (docs/posted-names.md), as far as it knows what they stand for. What it knows is no more than
/// what it has been taught here: those files tell this permit of changes, and are not shown.
/// </summary>
internal sealed class NamePermit : INamePermit
{
    // Files that the program knows at once; its list has as many names.
    private const int MostKnown = 8;

    // In turn, with no posted change between: what shows that others want to know more than the program changes, or that it changes what it does not know.
    private const int MostAsked = 2, MostTaught = 8;

    // So many posted changes are worth forgetting how often the directory's permits have ended before.
    private const int WellUsed = 64;

    private readonly ClientConnection connection;
    private readonly Credentials credentials;
    private readonly ClientProcess process;
    private readonly uint slot;
    private readonly Inode directory;
    private readonly Func<uint> nextNumber;
    private Known[] known = new Known[MostKnown];
    private int asked, taught, posted;
    private FreshWrites? fresh;
    private OpenFile? made;
    private uint madeHandle;

    /// <summary>The process may: nothing of the directory is shown any more.</summary>
    public NamePermit(Request request, Location place, Func<uint> nextNumber)
    {
        (connection, process, slot) = (request.Connection!, request.Process, request.Submission.ProcessSlot);
        (credentials, Place, directory, this.nextNumber) = (process.Credentials, place, place.Inode, nextNumber);
        Names = (IUnseenNames)directory;
        Context = new ImmediateContext(process);
        connection.Naming = this;
        directory.SetNaming(this);
    }

    /// <inheritdoc/>
    public Inode Directory => directory;

    /// <summary>The same, as what it is to permits.</summary>
    public IUnseenNames Names { get; }

    /// <summary>Where the directory is.</summary>
    public Location Place { get; }

    /// <summary>Who has it, for what is posted.</summary>
    public OperationContext Context { get; }

    /// <summary>Its number at present.</summary>
    public uint Number { get; private set; }

    /// <summary>It has ended.</summary>
    public bool IsOver { get; private set; }

    /// <summary>What changes now is known to the program: it has posted it, or is told by the answer.</summary>
    public bool IsTold { get; set; }

    /// <summary>True if it is for a process slot.</summary>
    public bool IsOf(uint number) => number == slot;

    /// <summary>True if a process that claims to be in a slot may use it.</summary>
    public bool IsOf(uint number, ClientProcess asking) => number == slot && asking == process;

    /// <summary>True if the program has been taught what this is.</summary>
    public bool Knows(Inode inode) => inode.Naming == this && inode != directory;

    /// <summary>
    /// The program has changed names by request: tells it what it may know from now on. <paramref name="inode"/>: what the new name stands for, if there is
    /// one.
    /// </summary>
    public void Teach(Request request, Inode? inode, bool both)
    {
        if (++taught > MostTaught)
        {
            End();
            return;
        }

        uint before = Number;
        KnownKind kind = inode == null ? KnownKind.Absent : KindOf(inode);
        if (kind != KnownKind.Absent && kind != KnownKind.Unknown && !TryKnow(inode!))
        {
            ForgetAll();
            before = 0;
            TryKnow(inode!);
        }

        Number = nextNumber();
        connection.Posted!.PermitNames(PostedLayout.NamesPermitWord(slot, Number));
        request.V0 |= NamesAnswer.Node(inode == null ? 0 : (uint)inode.Number);
        request.V1 |= NamesAnswer.Describe(before, Number, kind, both);
    }

    /// <summary>
    /// It has made a file or a directory by a posted call. False: it knows more now than it may in the long run; until all is served, as what it has posted
    /// since depends on that.
    /// </summary>
    public bool HasMade(Inode inode)
    {
        bool isFew = TryKnow(inode);
        if (isFew)
            return true;
        Array.Resize(ref known, known.Length + MostKnown);
        TryKnow(inode);
        return false;
    }

    /// <summary>It has made a file by a posted call, and opened it.</summary>
    public bool HasMade(OpenFile file, uint handle)
    {
        (made, madeHandle) = (file, handle);
        return HasMade(file.Inode);
    }

    /// <summary>
    /// Makes a write to a file that it has made by a posted call, unless it was not promised: true if it was made. All of it is the client's claim.
    /// </summary>
    public bool WriteFresh(uint handle, ReadOnlySpan<byte> data, ulong piece)
    {
        bool isRight = process.Handles.Find(handle) is { CanWrite: true, CanBePosted: true, Inode.Writer: null } found
            && found.Inode.FileSystem == directory.FileSystem && process.FileSizeLimit == FileSizeLimit.None;
        return isRight && fresh?.TryTake() == true
            && process.Handles.Find(handle)!.WritePromised(Context, data, piece) == data.Length;
    }

    /// <summary>All that it had posted has been served: who has made a file may write others before they are seen, and this one if it is still open.</summary>
    public void HasServedAll(PostedWrites writes)
    {
        if (made is not { } file)
            return;
        made = null;
        if (IsOver)
            return;
        if (process.Handles.Find(madeHandle) == file)
            writes.Permit(connection, process, slot, file, madeHandle);
        if (process.FileSizeLimit == FileSizeLimit.None)
            (fresh ??= new FreshWrites(connection.Posted!, Names)).Refill();
    }

    /// <summary>Nothing is written any more before it is seen: the process has a limit of file size.</summary>
    public void EndFresh() => fresh?.End();

    /// <summary>A posted change was made.</summary>
    public void HasServed()
    {
        asked = taught = 0;
        if (++posted % WellUsed == 0)
            Names.Changes.Used();
    }

    /// <summary>It has no name any more: there is room for another.</summary>
    public void Forget(Inode inode)
    {
        if (!Knows(inode) || (inode.LinkCount > 0 && !inode.IsDirectory))
            return;
        inode.SetNaming(null);
        known[IndexOf(inode)].Inode = null;
    }

    /// <inheritdoc/>
    public void NamesChanged()
    {
        if (!IsTold)
            End();
    }

    /// <inheritdoc/>
    public void RightsChanged(Inode inode)
    {
        // Whoever owns a file may change its names whatever its mode.
        if (inode == directory || !Permission.OwnsOrOverrides(inode, credentials))
            End();
    }

    /// <inheritdoc/>
    public bool IsAsked()
    {
        if (++asked <= MostAsked)
            return true;
        End();
        return false;
    }

    /// <inheritdoc/>
    public void End() => End(isCostlier: true);

    /// <summary>The same; <paramref name="isCostlier"/> if it was not worth it.</summary>
    public void End(bool isCostlier)
    {
        if (IsOver)
            return;
        IsOver = true;
        fresh?.End();
        connection.Posted?.PermitNames(0);
        connection.Naming = null;
        directory.SetNaming(null);
        ForgetAll();
        Names.Changes.Ended(isCostlier);
    }

    // What the program may change by calls that cannot fail. It is another's if a file has names in two such directories.
    private KnownKind KindOf(Inode inode) => inode switch
    {
        _ when inode.Number > uint.MaxValue => KnownKind.Unknown,
        { IsRegular: true } when Permission.OwnsOrOverrides(inode, credentials) => KnownKind.File,
        IUnseenNames { IsEmpty: true } => KnownKind.EmptyDirectory,
        _ => KnownKind.Unknown,
    };

    private bool TryKnow(Inode inode)
    {
        if (inode.Naming == this)
            return true;
        int free = IndexOf(null);
        if (free < 0)
            return false;
        inode.Naming?.End();
        inode.SetNaming(this);
        known[free].Inode = inode;
        return true;
    }

    private int IndexOf(Inode? inode)
    {
        int index = known.Length - 1;
        while (index >= 0 && known[index].Inode != inode)
            index--;
        return index;
    }

    private void ForgetAll()
    {
        foreach (Known place in known)
            place.Inode?.SetNaming(null);
        Array.Clear(known);
    }

    /// <summary>A reference in an array: without a check of its type at each store, which an array of a class has.</summary>
    private struct Known
    {
        public Inode? Inode;
    }
}
