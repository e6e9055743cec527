using System.Runtime.InteropServices;
using System.Threading;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>A name in the directory of the permit.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NameInDirectory
{
    /// <summary>The name, filled up with zeros to whole words.</summary>
    public fixed ulong Words[(int)PostedLayout.LongestName / sizeof(ulong)];
    /// <summary>Its length in bytes.</summary>
    public uint Length;
}

/// <summary>
/// Changes of names that are not waited for (docs/posted-names.md): in the directory for which vfs has given a permit, where the own list says what they find.
/// All others go by message, and teach.
/// </summary>
internal static unsafe class PostedNames
{
    /// <summary>rename(2) without flags. False, here and of the others: by message.</summary>
    public static bool TryRename(TaskState* task, ulong oldDirectory, ulong oldPath, ulong newDirectory, ulong newPath) =>
        TryTwo(task, PostedLayout.Rename, oldDirectory, oldPath, newDirectory, newPath);

    /// <summary>link(2).</summary>
    public static bool TryLink(TaskState* task, ulong oldDirectory, ulong oldPath, ulong newDirectory, ulong newPath) =>
        TryTwo(task, PostedLayout.Link, oldDirectory, oldPath, newDirectory, newPath);

    /// <summary>unlink(2), rmdir(2).</summary>
    public static bool TryRemove(TaskState* task, ulong directory, ulong path, bool isDirectory) =>
        TryOne(task, isDirectory ? PostedLayout.RemoveDirectory : PostedLayout.Unlink, directory, path, 0);

    /// <summary>mkdir(2), with the mode after the umask.</summary>
    public static bool TryMakeDirectory(TaskState* task, ulong directory, ulong path, uint mode) =>
        TryOne(task, PostedLayout.MakeDirectory, directory, path, mode);

    /// <summary>
    /// open(2) with O_CREAT of a name that is known to be absent, with the mode after the umask: the file is open under a handle that is lent, and writes to it
    /// may be posted at once.
    /// </summary>
    public static bool TryCreate(TaskState* task, ulong directory, ulong path, uint flags, uint mode, out uint handle)
    {
        handle = 0;
        NameInDirectory name, how;
        // It asks for handles, perhaps: before the turn is looked at.
        if (!LentHandles.AreReady(task) || !MayPost(task, out ulong turn, out uint number) || !Find(task, directory, path, &name)
            || !LentHandles.TryTakeForNew(task, out handle))
            return false;
        how.Words[0] = PostedLayout.OpenWord(handle, flags);
        how.Length = PostedLayout.OpenWordLength;
        if (Post(task, turn, number, PostedLayout.Create, &name, &how, mode))
            return true;
        LentHandles.Give(task->Process->Descriptors, handle);
        return false;
    }

    /// <summary>
    /// Ends a request that may have changed names, as <see cref="PathArgument.Finish"/>, and learns from the answer. Its buffer holds the path, behind another
    /// one of <paramref name="oldLength"/> bytes.
    /// </summary>
    public static long Finish(TaskState* task, VfsRequest* request, uint oldLength = 0)
    {
        long result = VfsClient.Call(task, request);
        if (result >= 0 && NamesAnswer.AfterOf(request->V1) != 0)
            Learn(task, request, oldLength);
        VfsPool.Give(task, request);
        return PathArgument.Restart(request, result);
    }

    private static bool TryOne(TaskState* task, uint operation, ulong directory, ulong path, uint mode)
    {
        NameInDirectory name;
        return MayPost(task, out ulong turn, out uint number) && Find(task, directory, path, &name) && Post(task, turn, number, operation, &name, null, mode);
    }

    private static bool TryTwo(TaskState* task, uint operation, ulong oldDirectory, ulong oldPath, ulong newDirectory, ulong newPath)
    {
        NameInDirectory old, name;
        return MayPost(task, out ulong turn, out uint number) && Find(task, oldDirectory, oldPath, &old) && Find(task, newDirectory, newPath, &name)
            && Post(task, turn, number, operation, &old, &name, 0);
    }

    /// <summary>False if <see cref="TryCreate"/> would say so, as mostly.</summary>
    public static bool MayCreate(TaskState* task) => HasPermit(task) && task->Process->IsUnknown == 0;

    private static bool HasPermit(TaskState* task)
    {
        VfsConnection* connection = task->Process->Space->Connection;
        return connection != null && connection->KnownNames != null
            && Volatile.Read(ref *(ulong*)(Window.VfsConnection + PostedLayout.NamesPermit)) != 0;
    }

    // A permit of this process, and a turn in which nobody but who posts changes anything.
    private static bool MayPost(TaskState* task, out ulong turn, out uint number)
    {
        turn = 1;
        number = 0;
        if (!HasPermit(task) || !NamesMapping.IsReady(task))
            return false;
        turn = PostedCalls.Turn;
        ulong permit = Volatile.Read(ref *(ulong*)(Window.VfsConnection + PostedLayout.NamesPermit));
        number = (uint)permit & NamesAnswer.LastNumber;
        return (turn & 1) == 0 && number != 0 && permit == PostedLayout.NamesPermitWord(task->Process->VfsProcessSlot, number);
    }

    // The last name of a path that leads to the permit's directory.
    private static bool Find(TaskState* task, ulong directory, ulong path, NameInDirectory* name)
    {
        ulong reference = KnownParent.Find(task, directory, path, name);
        return reference != 0 && reference == Volatile.Read(ref *(ulong*)(Window.VfsConnection + PostedLayout.NamesDirectory));
    }

    private static bool Post(TaskState* task, ulong turn, uint number, uint operation, NameInDirectory* first, NameInDirectory* second, uint mode)
    {
        VfsConnection* connection = task->Process->Space->Connection;
        ulong word = PostedLayout.NamesWord(operation, task->Process->VfsProcessSlot, first->Length, second == null ? 0 : second->Length, mode);
        ulong time = PostedLayout.NamesTime(number, Clock.Now + Clock.Page->WallOffset);
        PersonalityLock.Enter(&connection->PostedLock);
        KnownNames* known = connection->KnownNames;
        uint entry = 0;
        KnownName* name = null, other = null;
        bool hasTwo = operation is PostedLayout.Rename or PostedLayout.Link;
        bool isPosted = known->Number == number && TryFind(known, first, &name) && (!hasTwo || TryFind(known, second, &other))
            && Succeeds(operation, name, other) && PostedCalls.TryPutNames(connection, word, time, first, second, out entry);
        bool holds = isPosted && PostedCalls.Holds(turn);
        if (holds)
        {
            Change(known, operation, name, other);
            if (operation == PostedLayout.Create)
                KnownNames.AddFresh(known, PostedLayout.HandleOfOpen(second->Words[0]), turn);
        }
        else if (isPosted)
        {
            KnownNames.Clear(known);
            connection->PostedDoubts++;
        }
        PersonalityLock.Exit(&connection->PostedLock);
        if (!isPosted || holds)
            return isPosted;
        // vfs has begun to serve something else, and perhaps before it saw this. Until it is known what has become of it the entry stays as it is.
        return PostedCalls.EndDoubt(task, connection, entry);
    }

    private static bool TryFind(KnownNames* known, NameInDirectory* wanted, KnownName** name) =>
        (*name = KnownNames.Find(known, wanted->Words, wanted->Length)) != null;

    // By what is known: it finds what it needs, and nothing in its way.
    private static bool Succeeds(uint operation, KnownName* name, KnownName* other) => operation switch
    {
        PostedLayout.Rename when name->Kind == KnownKind.File => other->Kind == KnownKind.Absent
            || other->Kind == KnownKind.File && other->Node != name->Node,
        PostedLayout.Rename => name->Kind == KnownKind.EmptyDirectory && other->Kind == KnownKind.Absent,
        PostedLayout.Link => name->Kind == KnownKind.File && other->Kind == KnownKind.Absent,
        PostedLayout.Unlink => name->Kind == KnownKind.File,
        PostedLayout.RemoveDirectory => name->Kind == KnownKind.EmptyDirectory,
        _ => name->Kind == KnownKind.Absent,
    };

    private static void Change(KnownNames* known, uint operation, KnownName* name, KnownName* other)
    {
        if (other != null)
        {
            other->Kind = name->Kind;
            other->Node = name->Node;
        }
        if (operation is PostedLayout.MakeDirectory or PostedLayout.Create)
        {
            name->Kind = operation == PostedLayout.Create ? KnownKind.File : KnownKind.EmptyDirectory;
            name->Node = KnownNames.NewNode(known);
        }
        else if (operation != PostedLayout.Link)
            name->Kind = KnownKind.Absent;
    }

    private static void Learn(TaskState* task, VfsRequest* request, uint oldLength)
    {
        VfsConnection* connection = task->Process->Space->Connection;
        byte* paths = VfsPool.BufferOf(request);
        NameInDirectory old, name;
        bool hasOld = LastName(paths, oldLength, &old), hasName = LastName(paths + oldLength, request->PoolLength - oldLength, &name);
        KnownNames* made = connection->KnownNames == null ? (KnownNames*)PersonalityHeap.Allocate((ulong)sizeof(KnownNames)) : null;
        PersonalityLock.Enter(&connection->PostedLock);
        if (connection->KnownNames == null && made != null)
        {
            KnownNames.Clear(made);
            Volatile.Write(ref *(ulong*)&connection->KnownNames, (ulong)made);
            made = null;
        }
        KnownNames* known = connection->KnownNames;
        if (known != null)
        {
            uint before = NamesAnswer.BeforeOf(request->V1);
            if (before == 0 || known->Number != before)
                KnownNames.Clear(known);
            known->Number = NamesAnswer.AfterOf(request->V1);
            KnownKind kind = NamesAnswer.KindOf(request->V1);
            if (hasOld && request->Operation == VfsOperation.Rename)
                KnownNames.Set(known, old.Words, old.Length, KnownKind.Absent, 0);
            else if (hasOld)
                KnownNames.Set(known, old.Words, old.Length, NamesAnswer.BothOf(request->V1) ? kind : KnownKind.Unknown, NamesAnswer.NodeOf(request->V0));
            if (hasName)
                KnownNames.Set(known, name.Words, name.Length, kind, NamesAnswer.NodeOf(request->V0));
        }
        PersonalityLock.Exit(&connection->PostedLock);
        if (made != null)
            PersonalityHeap.Free(made);
    }

    // The last component, without slashes behind it. False: there is none, or it is longer than any that can be posted.
    private static bool LastName(byte* path, uint length, NameInDirectory* name)
    {
        while (length > 0 && path[length - 1] == (byte)'/')
            length--;
        uint start = length;
        while (start > 0 && path[start - 1] != (byte)'/')
            start--;
        name->Length = length - start;
        if (name->Length is 0 or > PostedLayout.LongestName)
            return false;
        for (uint word = 0; word < PostedLayout.LongestName / sizeof(ulong); word++)
            name->Words[word] = 0;
        BlockMemory.Move(name->Words, path + start, name->Length);
        return true;
    }
}
