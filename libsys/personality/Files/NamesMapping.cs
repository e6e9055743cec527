using System.Threading;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// The published names in this space (docs/published-names.md), and the record of the working directory there. They are mapped by who asks for the third time:
/// a mapping costs as much as two messages.
/// </summary>
internal static unsafe class NamesMapping
{
    // Values of SpaceState.NamesState: questions so far, then these.
    private const uint MapAt = 2, Busy = 3, Refused = 4, Mapped = 5;

    /// <summary>True if names can be looked up without a message.</summary>
    public static bool IsReady(TaskState* task)
    {
        ProcessState* process = task->Process;
        uint state = Volatile.Read(ref process->Space->NamesState);
        return process->NamesOff == 0 && (state == Mapped || state <= MapAt && Prepare(task, state));
    }

    /// <summary>True if names can be looked up, without asking for that.</summary>
    public static bool IsMapped(TaskState* task) => Volatile.Read(ref task->Process->Space->NamesState) == Mapped && task->Process->NamesOff == 0;

    /// <summary>Maps them, unless they are mapped or refused.</summary>
    public static bool TryMap(TaskState* task)
    {
        uint state = Volatile.Read(ref task->Process->Space->NamesState);
        if (state < MapAt)
            Interlocked.CompareExchange(ref task->Process->Space->NamesState, MapAt, state);
        return IsReady(task);
    }

    /// <summary>
    /// The process asks by message from now on: its root is not the system's any more, or another process changes where it stands. What it starts by exec is
    /// refused the mapping by vfs, as long as that is so.
    /// </summary>
    public static void TurnOff(ProcessState* process) => Volatile.Write(ref process->NamesOff, 1);

    /// <summary>A request that may look something up; what vfs says of the directory where that begins is kept.</summary>
    public static long Call(TaskState* task, VfsRequest* request)
    {
        ProcessState* process = task->Process;
        if (request->A0 != VfsLimits.WorkingDirectory)
            return CallFrom(process->Descriptors, task, request);
        uint changes = Volatile.Read(ref process->DirectoryChanges);
        long result = VfsClient.Call(task, request);
        if (request->V0 == 0 || request->V0 == process->WorkingDirectory)
            return result;
        PersonalityLock.Enter(&process->NamesLock);
        if (process->DirectoryChanges == changes && process->DirectoryChanging == 0)
            Volatile.Write(ref process->WorkingDirectory, request->V0);
        PersonalityLock.Exit(&process->NamesLock);
        return result;
    }

    private static long CallFrom(DescriptorTable* table, TaskState* task, VfsRequest* request)
    {
        ulong handle = request->A0;
        uint closes = KnownDirectories.Closes(table);
        long result = VfsClient.Call(task, request);
        KnownDirectories.Learn(table, handle, request->V0, closes);
        return result;
    }

    /// <summary>
    /// A request that changes the working directory: while it is on its way nobody knows what that is, and what was asked before it says nothing.
    /// </summary>
    public static long ChangeDirectory(TaskState* task, VfsRequest* request)
    {
        ProcessState* process = task->Process;
        PersonalityLock.Enter(&process->NamesLock);
        process->DirectoryChanging++;
        Volatile.Write(ref process->WorkingDirectory, 0);
        PersonalityLock.Exit(&process->NamesLock);
        long result = VfsClient.Call(task, request);
        PersonalityLock.Enter(&process->NamesLock);
        process->DirectoryChanging--;
        process->DirectoryChanges++;
        PersonalityLock.Exit(&process->NamesLock);
        return result;
    }

    /// <summary>In a forked child: the mapping was left out, and what its parent was about to do it does not do.</summary>
    public static void AfterFork(TaskState* task)
    {
        ProcessState* process = task->Process;
        KnownParent.AfterFork(task);
        process->Space->NamesState = 0;
        process->WorkingDirectory = 0;
        process->DirectoryChanging = 0;
        PersonalityLock.Reset(&process->NamesLock);
    }

    private static bool Prepare(TaskState* task, uint state)
    {
        SpaceState* space = task->Process->Space;
        uint next = state == MapAt ? Busy : state + 1;
        if (Interlocked.CompareExchange(ref space->NamesState, next, state) != state || next != Busy)
            return false;
        bool isMapped = Map(task);
        Volatile.Write(ref space->NamesState, isMapped ? Mapped : Refused);
        return isMapped;
    }

    private static bool Map(TaskState* task)
    {
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.MapNames, Window.PublishedNames);
        return OfferedMemory.TryObtain(task, &request, Window.PublishedNames, PublishedNames.Length);
    }
}
