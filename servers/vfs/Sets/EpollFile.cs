using System.Buffers.Binary;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Sets;

/// <summary>
/// An epoll set that several processes may have: its members are descriptions, whoever has them under whatever handle (docs/epoll.md). It waits in its members'
/// queues only while somebody waits for it.
/// </summary>
/// <param name="location">Its name.</param>
/// <param name="room">Members of all sets.</param>
/// <param name="user">Whose they are.</param>
public sealed class EpollFile(Location location, UserBudget room, uint user) : OpenFile(location, OpenFlags.ReadWrite)
{
    /// <summary>Members of all sets together: a member takes less than 300 bytes of the heap.</summary>
    public const int MostMembers = 1 << 15;

    // Steps from the outermost set to the innermost ("nesting depth greater than 5", epoll_ctl(2)).
    private const int Deepest = 4;

    // So many members are looked at in one request, those of sets within sets as often as they are reached. Only who means harm has more.
    internal const int MostLooks = 1 << 15;

    private readonly List<SetMember> members = [];
    private readonly Dictionary<(OpenFile File, uint Number), SetMember> places = [];
    private int expected;
    private int start;
    private bool isArmed;

    /// <inheritdoc/>
    public override WaitQueue Waiters => field ??= new WaitQueue { Joined = Arm };

    /// <inheritdoc/>
    public override bool IsSeekable => false;

    /// <summary>Each wait joins the members' queues anew.</summary>
    public override bool SharesWakeUps => false;

    /// <inheritdoc/>
    public override bool CountsChanges => true;

    /// <summary>It has the members that it was made for.</summary>
    public bool IsComplete { get; private set; } = true;

    /// <summary>Sets room aside for the members that it is to be given. ENOSPC: there is none.</summary>
    public Errno Expect(ulong count)
    {
        if (count > MostMembers || !room.TryTake(user, (long)count))
            return Errno.ENOSPC;
        expected = (int)count;
        IsComplete = count == 0;
        return Errno.None;
    }

    /// <summary>All has been given: who waits for that goes on.</summary>
    public void Complete()
    {
        room.Give(user, expected);
        expected = 0;
        IsComplete = true;
        Changed();
    }

    /// <summary>Adds a member. EEXIST, ENOSPC, EPERM for what cannot be waited for, ELOOP.</summary>
    public Errno Add(OpenFile file, uint number, uint events, ulong data, out SetMember? member)
    {
        member = null;
        if (file == this)
            return Errno.EINVAL;
        if (file.Inode.IsRegular || file.Inode.IsDirectory)
            return Errno.EPERM;
        if (places.ContainsKey((file, number)))
            return Errno.EEXIST;
        if (file is EpollFile inner && !MayHold(inner))
            return Errno.ELOOP;
        if (expected > 0)
        {
            expected--; // its room was taken then
        }
        else if (!room.TryTake(user, 1))
        {
            return Errno.ENOSPC;
        }

        member = new SetMember(this, file, number) { Index = members.Count };
        members.Add(member);
        places.Add((file, number), member);
        member.Set(events, data);
        Changed();
        return Errno.None;
    }

    /// <summary>Changes what is waited for. ENOENT; EINVAL with EPOLLEXCLUSIVE.</summary>
    public Errno Modify(OpenFile file, uint number, uint events, ulong data)
    {
        if (!places.TryGetValue((file, number), out SetMember? member))
            return Errno.ENOENT;
        if ((member.Events & EpollEvents.Exclusive) != 0)
            return Errno.EINVAL;
        member.Set(events, data);
        Changed();
        return Errno.None;
    }

    /// <summary>Takes a member out. ENOENT.</summary>
    public Errno Delete(OpenFile file, uint number)
    {
        if (!places.TryGetValue((file, number), out SetMember? member))
            return Errno.ENOENT;
        Remove(member);
        return Errno.None;
    }

    /// <summary>
    /// Writes what is ready, up to so many struct epoll_event, and notes that it was reported. Where there was more the next one begins. Returns how many.
    /// </summary>
    public int Take(Span<byte> events, int most)
    {
        int count = 0, looks = MostLooks, at = start < members.Count ? start : 0;
        for (int rest = members.Count; rest > 0 && count < most; rest--, at++)
        {
            at = at == members.Count ? 0 : at;
            SetMember member = members[at];
            ushort found = member.Look(ref looks, out uint number);
            if (found == 0)
                continue;
            Span<byte> written = events.Slice(count++ * SetEntry.EventLength, SetEntry.EventLength);
            BinaryPrimitives.WriteUInt32LittleEndian(written, found);
            BinaryPrimitives.WriteUInt64LittleEndian(written[sizeof(uint)..], member.Data);
            member.Note(number);
        }

        start = count == most ? at : 0;
        return count;
    }

    /// <inheritdoc/>
    public override ushort Poll()
    {
        int looks = MostLooks;
        return Poll(ref looks);
    }

    /// <inheritdoc/>
    public override uint ChangeNumber(ushort events)
    {
        int looks = MostLooks;
        return Changes(ref looks);
    }

    /// <summary>Nothing moves, and it is no error.</summary>
    public override long Seek(OperationContext context, long offset, uint whence) => 0;

    /// <summary>Readable while a member is ready; each costs a look.</summary>
    internal ushort Poll(ref int looks)
    {
        foreach (SetMember member in members)
        {
            if (member.Look(ref looks, out _) != 0)
                return PollEvents.Readable;
        }

        return 0;
    }

    /// <summary>Another number after each change of a member; each costs a look.</summary>
    internal uint Changes(ref int looks)
    {
        uint sum = 0;
        for (int index = 0; index < members.Count && looks > 0; index++)
            sum = unchecked(sum + members[index].Changes(ref looks));
        return sum;
    }

    /// <summary>A member may be ready, or another one is there.</summary>
    internal void Changed()
    {
        isArmed = false;
        if (!Waiters.IsEmpty)
            Waiters.Wake();
    }

    /// <summary>Takes a member out.</summary>
    internal void Remove(SetMember member)
    {
        member.End();
        SetMember last = members[^1];
        members[member.Index] = last;
        last.Index = member.Index;
        members.RemoveAt(members.Count - 1);
        places.Remove((member.File, member.Number));
        room.Give(user, 1);
    }

    /// <inheritdoc/>
    protected override void OnLastClose()
    {
        while (members.Count > 0)
            Remove(members[^1]);
        room.Give(user, expected);
    }

    // Somebody waits. Changes from here on, also those that joining finds, make it look again.
    private void Arm()
    {
        if (isArmed)
            return;
        isArmed = true;
        bool isTwice = false;
        foreach (SetMember member in members)
            isTwice |= member.Join();
        // Of what was looked at twice, as both ends of a pair, a change between the two is not told from one before the first. Programs ring from here on.
        if (isTwice && Poll() != 0)
            Changed();
    }

    private bool MayHold(EpollFile inner)
    {
        int looks = MostLooks, below = inner.DepthBelow(this, Deepest, ref looks);
        return below < Deepest && below + 1 + DepthAbove(Deepest, ref looks) <= Deepest && looks > 0;
    }

    // Steps down from here; more than is allowed if one leads to the outer set, or there are more.
    private int DepthBelow(EpollFile outer, int most, ref int looks)
    {
        int depth = 0;
        for (int index = 0; index < members.Count && depth <= most && --looks > 0; index++)
        {
            if (members[index].File is not EpollFile next)
                continue;
            int below = next == outer || most == 0 ? Deepest : next.DepthBelow(outer, most - 1, ref looks);
            depth = Math.Max(depth, below + 1);
        }

        return depth;
    }

    private int DepthAbove(int most, ref int looks)
    {
        int depth = 0;
        for (FileWatcher? watcher = FirstWatcher; watcher != null && depth < most && --looks > 0; watcher = watcher.NextOfFile)
        {
            if (watcher is SetMember member)
                depth = Math.Max(depth, member.Owner.DepthAbove(most - 1, ref looks) + 1);
        }

        return depth;
    }
}
