using System.Runtime.CompilerServices;
using System.Threading;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// Closes and opens that are not waited for (docs/posted-calls.md): entries of a ring that vfs empties before it serves anything else. Whatever does not fit,
/// or is not minded, goes by message.
/// </summary>
internal static unsafe class PostedCalls
{
    /// <summary>Posts the close of a descriptor's handle. False: by message.</summary>
    public static bool TryClose(TaskState* task, Descriptor* closed)
    {
        if ((closed->Bits & DescriptorBits.ClosesUnseen) == 0 || closed->Handle > ushort.MaxValue || task->Process->IsUnknown != 0)
            return false;
        VfsConnection* connection = task->Process->Space->Connection;
        if (connection == null || !TryPost(connection, PostedLayout.Word(PostedLayout.Close, task->Process->VfsProcessSlot, closed->Handle, 0), 0))
            return false;
        LentHandles.Give(task->Process->Descriptors, closed->Handle);
        // Behind the fence of the entry: vfs has seen that, or this sees that it may not have.
        if (!IsMinded)
            VfsClient.Call(task, VfsOperation.ServePosted);
        return true;
    }

    /// <summary>Opens what the published names show, for reading: the descriptor's number, or −errno. False: by message.</summary>
    public static bool TryOpen(TaskState* task, ulong directory, ulong path, uint flags, out long number)
    {
        number = 0;
        if (!LentHandles.AreReady(task) || !NamesMapping.IsMapped(task) || task->Process->IsUnknown != 0)
            return false;
        ulong turn = Turn;
        if ((turn & 1) != 0)
            return false;
        FoundName found;
        long known = NameLookup.Find(task, directory, path, (flags & OpenFlags.NoFollow) == 0, LookupAim.Opening, &found);
        if (known == NameLookup.Ask || known == 0 && !MayOpen(task, &found, flags))
            return false;
        number = DescriptorTable.Reserve(task);
        if (number < 0)
            return true;
        if (known != 0)
        {
            DescriptorTable.Unreserve(task, number);
            number = known;
            return true;
        }
        uint mode = (uint)found.Stat[StatLayout.Mode / sizeof(ulong)], closes = KnownDirectories.Closes(task->Process->Descriptors);
        if (TryPostOpen(task, turn, flags, found.Reference, out uint handle))
        {
            uint bits = DescriptorBits.Seekable | DescriptorBits.ClosesUnseen | ((flags & OpenFlags.CloseOnExec) != 0 ? DescriptorBits.CloseOnExec : 0);
            number = OpenCalls.InstallNew(task, number, handle, bits, mode, OpenFlags.ReadOnly);
            if ((mode & InodeMode.TypeMask) == InodeMode.Directory)
                KnownDirectories.Learn(task->Process->Descriptors, handle, found.Reference, closes);
            return true;
        }
        DescriptorTable.Unreserve(task, number);
        return false;
    }

    /// <summary>
    /// Posts a write by a permit, as it was found, from which one is taken. False: by message. True: it is the entry before <paramref name="tail"/>.
    /// </summary>
    public static bool TryWrite(VfsConnection* connection, ulong word, ulong permit, ulong piece, out uint tail)
    {
        tail = 0;
        if (!IsMinded || connection->Broken != ConnectionState.Usable)
            return false;
        PersonalityLock.Enter(&connection->PostedLock);
        bool isTaken = HasRoom(connection)
            && Interlocked.CompareExchange(ref PermitOf(PostedLayout.HandleOf(word)), permit - 1, permit) == permit;
        if (isTaken)
            tail = Put(connection, word, piece);
        PersonalityLock.Exit(&connection->PostedLock);
        return isTaken;
    }

    /// <summary>
    /// The same, to a file that was made by a posted call in this turn. False: by message. True and <paramref name="isDoubtful"/>: the turn may have ended, and
    /// until <see cref="EndDoubt"/> tells whether it was made nothing is posted.
    /// </summary>
    public static bool TryWriteFresh(VfsConnection* connection, ulong word, ulong turn, ulong piece, out uint tail, out bool isDoubtful)
    {
        tail = 0;
        isDoubtful = false;
        if (!IsMinded || connection->Broken != ConnectionState.Usable)
            return false;
        PersonalityLock.Enter(&connection->PostedLock);
        bool isPosted = HasRoom(connection) && IsFresh(connection, PostedLayout.SlotOf(word), PostedLayout.HandleOf(word), turn);
        if (isPosted)
        {
            tail = Put(connection, word, piece);
            KnownNames.CountFresh(connection->KnownNames);
            isDoubtful = !Holds(turn);
            connection->PostedDoubts += isDoubtful ? 1u : 0;
        }
        PersonalityLock.Exit(&connection->PostedLock);
        return isPosted;
    }

    /// <summary>
    /// True if vfs has not seen a file since it was made by a posted call, and a write to it has room. What counts is what this says with the lock held.
    /// </summary>
    public static bool IsFresh(VfsConnection* connection, uint slot, uint handle, ulong turn)
    {
        KnownNames* known = connection->KnownNames;
        return known != null && known->Number != 0 && KnownNames.IsFresh(known, handle, turn, FreshWrites)
            && Volatile.Read(ref *(ulong*)(Window.VfsConnection + PostedLayout.NamesPermit)) == PostedLayout.NamesPermitWord(slot, known->Number);
    }

    /// <summary>An entry was posted that vfs has perhaps begun a turn before: has it serve that, and tells whether it was done.</summary>
    public static bool EndDoubt(TaskState* task, VfsConnection* connection, uint entry)
    {
        VfsClient.Call(task, VfsOperation.ServePosted);
        PersonalityLock.Enter(&connection->PostedLock);
        bool isDone = IsDone(entry);
        connection->PostedDoubts--;
        PersonalityLock.Exit(&connection->PostedLock);
        return isDone;
    }

    /// <summary>
    /// Posts a change of names, with the lock held; a null second name is none. False: by message. Else <paramref name="entry"/> is its first one.
    /// </summary>
    public static bool TryPutNames(VfsConnection* connection, ulong word, ulong time, NameInDirectory* first, NameInDirectory* second, out uint entry)
    {
        entry = connection->PostedTail;
        uint length = first->Length + (second == null ? 0 : second->Length);
        uint entries = PostedLayout.NameEntries(length);
        if (!IsMinded || connection->Broken != ConnectionState.Usable || !HasRoom(connection, entries + 1))
            return false;
        ulong* names = stackalloc ulong[2 * (int)PostedLayout.LongestName / sizeof(ulong)];
        names[entries * 2 - 1] = names[entries * 2 - 2] = 0;
        for (uint at = 0; at < first->Length; at += sizeof(ulong))
            names[at / sizeof(ulong)] = first->Words[at / sizeof(ulong)];
        for (uint at = 0; second != null && at < second->Length; at += sizeof(ulong))
            *(ulong*)((byte*)names + first->Length + at) = second->Words[at / sizeof(ulong)];
        for (uint index = 0; index < entries; index++)
            Fill(entry + 1 + index, names[index * 2], names[index * 2 + 1]);
        Fill(entry, word, time);
        Publish(connection, entry + entries + 1);
        return true;
    }

    /// <summary>True if a handle of a process slot may be written by a permit, as far as the word says, which is that.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsPermitted(uint slot, uint handle, out ulong permit)
    {
        permit = Volatile.Read(ref PermitOf(handle));
        ulong left = permit & PostedLayout.PermitLeft;
        return left != 0 && permit - left == PostedLayout.Permit(slot, handle);
    }

    /// <summary>The word with the permit of a handle, or of another one.</summary>
    public static ref ulong PermitOf(uint handle) => ref *(ulong*)(Window.VfsConnection + PostedLayout.PermitAt(handle));

    /// <summary>
    /// Something was posted that is right as long as vfs has not begun to serve anything since a turn: it has not. False: it has perhaps, or does not look.
    /// </summary>
    public static bool Holds(ulong turn) => Turn == turn && IsMinded;

    /// <summary>Number of the turn: odd while vfs serves something.</summary>
    public static ulong Turn => Volatile.Read(ref *(ulong*)(Window.PublishedNames + PublishedNames.Turn));

    private static uint FreshWrites => Volatile.Read(ref *(uint*)(Window.VfsConnection + PostedLayout.FreshWrites));

    // With the lock held, and after vfs has served it.
    private static bool IsDone(uint entry) =>
        Volatile.Read(ref *(ulong*)(Window.VfsConnection + PostedLayout.EntryAt(entry) + sizeof(ulong))) == PostedLayout.Done;

    private static bool IsMinded => Volatile.Read(ref *(uint*)(Window.VfsConnection + PostedLayout.Minded)) != 0;

    // Nothing that an open by message could refuse or wait for, and nothing whose name the record does not tell.
    private static bool MayOpen(TaskState* task, FoundName* found, uint flags)
    {
        const ulong one = 1;
        ulong mode = found->Stat[StatLayout.Mode / sizeof(ulong)];
        uint type = (uint)mode & InodeMode.TypeMask;
        bool isSimple = type == InodeMode.Directory
            || type == InodeMode.Regular && found->Stat[StatLayout.LinkCount / sizeof(ulong)] == one && (flags & OpenFlags.Directory) == 0;
        return isSimple && KnownAccess.MayRead(task, (uint)mode, (uint)(mode >> 32), (uint)found->Stat[StatLayout.GroupId / sizeof(ulong)]);
    }

    private static bool TryPostOpen(TaskState* task, ulong turn, uint flags, ulong reference, out uint handle)
    {
        DescriptorTable* table = task->Process->Descriptors;
        if (!LentHandles.TryTake(table, out handle))
            return false;
        ulong word = PostedLayout.Word(PostedLayout.Open, task->Process->VfsProcessSlot, handle, flags);
        bool isPosted = TryPost(task->Process->Space->Connection, word, reference);
        if (isPosted && Turn == turn)
            return true;
        // vfs has begun to serve something since, and perhaps before it saw this: whatever became of it is undone.
        if (isPosted)
            VfsClient.Call(task, VfsOperation.Close, handle);
        LentHandles.Give(table, handle);
        return false;
    }

    private static bool TryPost(VfsConnection* connection, ulong first, ulong second)
    {
        if (!IsMinded || connection->Broken != ConnectionState.Usable)
            return false;
        PersonalityLock.Enter(&connection->PostedLock);
        bool fits = HasRoom(connection);
        if (fits)
            Put(connection, first, second);
        // A write that another thread begins comes before the close, or is no fresh one any more.
        if (connection->KnownNames != null)
            KnownNames.ForgetFresh(connection->KnownNames, PostedLayout.HandleOf(first));
        PersonalityLock.Exit(&connection->PostedLock);
        return fits;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool HasRoom(VfsConnection* connection, uint entries = 1) => connection->PostedDoubts == 0
        && connection->PostedTail - Volatile.Read(ref *(uint*)(Window.VfsConnection + PostedLayout.Head)) + entries <= PostedLayout.Entries;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Put(VfsConnection* connection, ulong first, ulong second)
    {
        uint tail = connection->PostedTail;
        Fill(tail, first, second);
        Publish(connection, ++tail);
        return tail;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fill(uint index, ulong first, ulong second)
    {
        ulong* entry = (ulong*)(Window.VfsConnection + PostedLayout.EntryAt(index));
        Volatile.Write(ref entry[0], first);
        Volatile.Write(ref entry[1], second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Publish(VfsConnection* connection, uint tail)
    {
        connection->PostedTail = tail;
        Interlocked.Exchange(ref *(uint*)(Window.VfsConnection + PostedLayout.Tail), tail);
    }
}
