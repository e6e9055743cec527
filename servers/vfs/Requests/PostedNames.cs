using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Libsys.Messages;
using Servers.Vfs.Attributes;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;
using Servers.Vfs.Processes;
using Servers.Vfs.Publishing;

namespace Servers.Vfs.Requests;

/// <summary>Changes of names that clients do not wait for: who may make them, and making them (docs/posted-names.md).</summary>
/// <param name="publisher">Shows names to all; null: nobody may.</param>
/// <param name="posted">Minds the rings that they come through.</param>
public sealed class PostedNames(NamePublisher? publisher, PostedCalls posted)
{
    private readonly List<NamePermit> given = [];

    // Those that end when all rings have been served: what their programs have posted since is right as long as they have not.
    private readonly List<NamePermit> due = [];
    private uint lastNumber;
    private bool isServing;

    // When the entries were taken that are served now; 0: not looked at.
    private long now;

    /// <summary>Room in the heap; null: not looked at.</summary>
    public IHeapRoom? Room { get; set; }

    /// <summary>
    /// Names are about to be changed by a request, in one directory: if the connection has the permit for it, it goes on. Ends with <see cref="Changed"/>.
    /// </summary>
    public static void Changing(Request request, Location parent)
    {
        if (parent.Inode.Naming is NamePermit permit && IsHolder(permit, request, parent.Inode))
            permit.IsTold = true;
    }

    /// <summary>They have been, or not. What the new name stands for, if there is one, is told to who has the permit.</summary>
    public void Changed(Request request, Location parent, Errno error, Inode? inode, Inode? gone = null, bool both = false)
    {
        if (parent.Inode is not IUnseenNames directory)
            return;
        if (parent.Inode.Naming is NamePermit permit && permit.IsTold)
        {
            permit.IsTold = false;
            if (error != Errno.None)
                return;
            if (gone != null)
                permit.Forget(gone);
            permit.Teach(request, inode, both);
        }
        else if (error == Errno.None && request.Connection is { } connection && directory.Changes.Count(connection.Id))
        {
            TryPermit(request, parent, directory)?.Teach(request, inode, both);
        }
    }

    /// <summary>Entries have been taken: all of them were posted before now, whenever that is looked at first.</summary>
    internal void Begin() => now = 0;

    /// <summary>Makes a change that a client has posted, unless its permit has ended: true if it was made. All of it is the client's claim.</summary>
    internal bool Serve(ClientConnection connection, ClientProcess process, ulong first, ulong second, ReadOnlySpan<byte> names)
    {
        bool mayBe = connection.Naming is { } known && known.Number == PostedLayout.PermitNumberOf(second) && known.IsOf(PostedLayout.SlotOf(first), process);
        if (!mayBe)
            return false;
        NamePermit permit = connection.Naming!;
        uint length = PostedLayout.FirstLengthOf(first), secondLength = PostedLayout.SecondLengthOf(first);
        ReadOnlySpan<byte> name = names[..(int)length], other = names.Slice((int)length, (int)secondLength);
        uint operation = PostedLayout.OperationOf(first);
        bool hasTwo = operation is PostedLayout.Rename or PostedLayout.Link;
        bool isRight = IsName(name) && (hasTwo ? IsName(other) : other.Length == (operation == PostedLayout.Create ? (int)PostedLayout.OpenWordLength : 0))
            && Permission.Allows(process.Credentials, permit.Directory, AccessMode.Write | AccessMode.Execute);
        if (!isRight)
            return false;
        permit.IsTold = isServing = true;
        if (now == 0)
            now = permit.Names.Now;
        var change = new PostedChange(permit, second, now, due);
        bool isMade = operation switch
        {
            PostedLayout.Rename => change.Rename(name, other),
            PostedLayout.Link => change.Link(name, other),
            PostedLayout.Unlink => change.Remove(name, isDirectory: false),
            PostedLayout.RemoveDirectory => change.Remove(name, isDirectory: true),
            PostedLayout.Create => change.Create(name, PostedLayout.ModeOf(first), process.Handles, BinaryPrimitives.ReadUInt64LittleEndian(other)),
            _ => change.MakeDirectory(name, PostedLayout.ModeOf(first)),
        };
        permit.IsTold = isServing = false;
        if (isMade)
            permit.HasServed();
        if (Room?.Has(process.Credentials.IsPrivileged) == false)
            due.Add(permit);
        return isMade;
    }

    /// <summary>All that was posted before the turn has been served: ends permits that it has made too many, or too costly.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void EndDue()
    {
        if (due.Count > 0)
            EndPermits();
    }

    private void EndPermits()
    {
        foreach (NamePermit permit in due)
            permit.End();
        due.Clear();
    }

    private static bool IsHolder(NamePermit permit, Request request, Inode directory) =>
        permit.Directory == directory && request.Connection?.Naming == permit && permit.IsOf(request.Submission.ProcessSlot, request.Process);

    private static bool IsName(ReadOnlySpan<byte> name)
    {
        if (name.Length is 0 or > (int)PostedLayout.LongestName)
            return false;
        // Most are so short that looking for bytes by vectors does not pay.
        foreach (byte letter in name)
        {
            if (letter is 0 or (byte)'/')
                return false;
        }

        return name[0] != (byte)'.' || name is not ([_] or [_, (byte)'.']);
    }

    private NamePermit? TryPermit(Request request, Location place, IUnseenNames names)
    {
        ClientConnection connection = request.Connection!;
        ClientProcess process = request.Process;
        Inode directory = place.Inode;
        bool isSticky = (directory.Mode & InodeMode.Sticky) != 0 && !Permission.OwnsOrOverrides(directory, process.Credentials);
        bool mayBe = publisher != null && connection.Posted != null && !isSticky && !place.Dentry.IsRemoved && posted.HasPublishedRoot(process)
            && Permission.Allows(process.Credentials, directory, AccessMode.Write | AccessMode.Execute)
            && names.HasRoomForPosted && Room?.Has(process.Credentials.IsPrivileged) != false;
        if (!mayBe)
            return null;
        posted.Mind(connection);
        ulong reference = connection.IsMinded ? publisher!.ShowDirectory(place) : 0;
        if (reference == 0 || !publisher!.Knows(place))
            return null;
        directory.Naming?.End();
        connection.EndNaming();
        publisher.HideNames(directory);
        connection.Posted!.NameDirectory(reference);
        var permit = new NamePermit(request, place, NextNumber);
        given.RemoveAll(static other => other.IsOver);
        given.Add(permit);
        names.RoomIsShort = EndAll;
        return permit;
    }

    private void EndAll()
    {
        due.AddRange(given);
        given.Clear();
        if (!isServing)
            EndDue();
    }

    // Of all permits together: none has a number that another had lately.
    private uint NextNumber() => lastNumber = lastNumber >= NamesAnswer.LastNumber - 1 ? 1 : lastNumber + 1;
}
