using System.Runtime.CompilerServices;
using Libsys.Messages;
using Servers.Vfs.Attributes;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;
using Servers.Vfs.Processes;
using Servers.Vfs.Publishing;

namespace Servers.Vfs.Requests;

/// <summary>
/// Closes and opens that clients do not wait for (docs/posted-calls.md). Whatever else vfs serves lies between <see cref="BeginTurn"/> and
/// <see cref="EndTurn"/>: what was posted before has been served then.
/// </summary>
public sealed class PostedCalls
{
    // Each costs a look before every request; programs that open and close files all the time are few.
    private const int MostMinded = 16;

    // Who closes fewer files by message does not make others look at its ring.
    private const int WorthMinding = 4;

    // What such an open may ask for beside reading.
    private const uint Flags = OpenFlags.NonBlock | OpenFlags.LargeFile | OpenFlags.Directory | OpenFlags.NoFollow;

    private readonly NamePublisher? publisher;
    private readonly MountTree mounts;
    private readonly ClientConnection[] minded = new ClientConnection[MostMinded];
    private int count;
    private int hand;
    private int waitingForLocks;

    /// <summary>Serves what is posted.</summary>
    /// <param name="publisher">Whose records opens name; null: they are refused.</param>
    /// <param name="mounts">Whose root the published names begin at.</param>
    public PostedCalls(NamePublisher? publisher, MountTree mounts)
    {
        (this.publisher, this.mounts) = (publisher, mounts);
        Names = new PostedNames(publisher, this);
    }

    /// <summary>Who may post writes.</summary>
    public PostedWrites Writes { get; } = new();

    /// <summary>Who may post changes of names.</summary>
    public PostedNames Names { get; }

    /// <summary>What the process server does not wait for (docs/posted-control.md); null: nothing such.</summary>
    public PostedControl? Control { get; set; }

    /// <summary>Rings that are looked at.</summary>
    public int Minded => count;

    /// <summary>A request was taken, or a message of the control protocol: what was posted before it comes first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void BeginTurn()
    {
        if (Control is { HasArrived: true })
            ServeControl(Control);
        else if (count > 0)
            LookAtAll();
    }

    // What programs had posted before an entry of the control is there once that is, and comes before it.
    private void ServeControl(PostedControl control)
    {
        uint waiting = control.Waiting;
        if (count > 0)
            LookAtAll();
        for (; waiting > 0; waiting--)
            control.ServeNext();
        control.Publish();
    }

    private void LookAtAll()
    {
        publisher?.BeginTurn();
        for (int index = count - 1; index >= 0; index--)
        {
            if (minded[index].Posted!.HasArrived)
                ServeRing(minded[index]);
        }

        Names.EndDue();
    }

    /// <summary>It is served.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void EndTurn()
    {
        // Who is taken at its word that it may post has perhaps done so.
        while (Control is { } control && control.Show() && control.HasArrived)
            ServeControl(control);
        if (waitingForLocks > 0)
            ForgetForLocks();
        if (count > 0)
            publisher?.EndTurn();
    }

    private void ForgetForLocks()
    {
        while (waitingForLocks > 0 && count > 0)
            Forget(minded[count - 1]);
    }

    /// <summary>A description was closed by message that needed none.</summary>
    public void NoteClose(ClientConnection connection)
    {
        if (++connection.ClosesByMessage % WorthMinding == 0)
            Mind(connection);
    }

    /// <summary>Looks at a connection's ring from now on, in the place of another one if need be.</summary>
    public void Mind(ClientConnection connection)
    {
        if (connection.IsMinded || connection.Posted is not { } ring || waitingForLocks > 0)
            return;
        publisher?.BeginTurn();
        if (count == MostMinded)
            Forget(minded[hand++ % MostMinded]);
        minded[count++] = connection;
        connection.IsMinded = true;
        ring.Mind(true);
    }

    /// <summary>Looks at a ring no more: what it holds is served, and who posts later is told.</summary>
    public void Forget(ClientConnection connection)
    {
        int index = Array.IndexOf(minded, connection, 0, count);
        if (index < 0)
            return;
        minded[index] = minded[--count];
        minded[count] = null!;
        connection.IsMinded = false;
        publisher?.BeginTurn();
        connection.Posted!.Mind(false);
        Serve(connection);
        connection.EndNaming();
    }

    /// <summary>A request waits for a lock, which a close could give up: nothing is posted until none waits. Before the turn ends.</summary>
    public void LockWaitBegins() => waitingForLocks++;

    /// <summary>It waits no more.</summary>
    public void LockWaitEnds() => waitingForLocks--;

    /// <summary>Serves what a connection has posted so far.</summary>
    public void Serve(ClientConnection connection)
    {
        ServeRing(connection);
        Names.EndDue();
    }

    private void ServeRing(ClientConnection connection)
    {
        if (connection.Posted is not { } ring)
            return;
        uint waiting = ring.Count;
        if (waiting > PostedLayout.Entries)
        {
            connection.EndNaming();
            connection.Posted = null; // it broke the protocol, and goes on by messages
            if (connection.IsMinded)
                Drop(connection, ring);
            connection.DropPermits();
            return;
        }

        Names.Begin();
        while (waiting > 0)
        {
            (ulong first, ulong second) = ring.Take();
            waiting--;
            if (PostedLayout.OperationOf(first) >= PostedLayout.Rename)
                waiting -= ServeNames(connection, ring, first, second, waiting);
            else
                Serve(connection, ring, first, second);
        }

        ring.Publish();
        connection.Naming?.HasServedAll(Writes);
    }

    // Names lie in the entries behind it, as far as there are any: how many it has taken. Not in line: other entries need no room for them.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private uint ServeNames(ClientConnection connection, PostedRing ring, ulong first, ulong second, uint waiting)
    {
        Span<byte> names = stackalloc byte[(int)(2 * PostedLayout.LongestName)];
        uint length = PostedLayout.FirstLengthOf(first), secondLength = PostedLayout.SecondLengthOf(first);
        uint entries = PostedLayout.NameEntries(length + secondLength);
        bool fits = length + secondLength <= names.Length && entries <= waiting && PostedLayout.OperationOf(first) <= PostedLayout.Create;
        if (!fits)
            return 0; // what follows is taken for entries
        ring.TakeNames(names[..(int)(entries * PostedLayout.EntryLength)]);
        if (connection.Slots.Find(PostedLayout.SlotOf(first)) is { } process && Names.Serve(connection, process, first, second, names))
            ring.Done(entries + 1);
        return entries;
    }

    private void Drop(ClientConnection connection, PostedRing ring)
    {
        int index = Array.IndexOf(minded, connection, 0, count);
        minded[index] = minded[--count];
        minded[count] = null!;
        connection.IsMinded = false;
        ring.Mind(false);
    }

    // All of it is the client's claim. What is not right is nothing: there is nobody to answer.
    private void Serve(ClientConnection connection, PostedRing ring, ulong first, ulong second)
    {
        if (connection.Slots.Find(PostedLayout.SlotOf(first)) is not { } process)
            return;
        uint handle = PostedLayout.HandleOf(first);
        switch (PostedLayout.OperationOf(first))
        {
            case PostedLayout.Close:
                if (process.Handles.Find(handle) is { ClosesUnseen: true } file)
                    Close(process.Handles, handle, file);
                break;
            case PostedLayout.Open:
                Open(process, handle, PostedLayout.FlagsOf(first) & Flags, second);
                break;
            case PostedLayout.Write:
                PostedWrites.Write(connection, process, first, second);
                break;
            case PostedLayout.WriteFresh:
                if (PostedWrites.WriteFresh(connection, process, first, second))
                    ring.Done(1);
                break;
        }
    }

    /// <summary>Ends a handle, close(2): what neither waits nor fails of it.</summary>
    public static void Close(HandleTable handles, ulong handle, OpenFile file)
    {
        handles.Remove(handle);
        file.Inode.Locks?.ReleaseRecords(handles);
        file.Release();
    }

    private void Open(ClientProcess process, uint handle, uint flags, ulong reference)
    {
        if (publisher?.Find(reference) is not { } place || !process.Handles.IsLentAndFree(handle) || !HasPublishedRoot(process))
            return;
        Inode inode = place.Inode;
        bool isRight = inode.IsDirectory || (inode.IsRegular && (flags & OpenFlags.Directory) == 0);
        if (!isRight || !Permission.Allows(process.Credentials, inode, AccessMode.Read))
            return;
        if (inode.Open(new OpenRequest(new ImmediateContext(process), place, flags), out OpenFile? file) == Errno.None)
            process.Handles.OpenLent(handle, file!);
    }

    /// <summary>True for a process whose paths begin where the published names do, and which alone decides that.</summary>
    public bool HasPublishedRoot(ClientProcess process) =>
        process.Context.Users == 1 && process.Context.Root == new Location(mounts.Root, mounts.Root.Root);
}
