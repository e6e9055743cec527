using System.Runtime.CompilerServices;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// eventfd(2) in memory: what can be done at once is done in the page that vfs shares; all else is a request. The page may hold anything, and may be gone.
/// </summary>
internal static unsafe class EventCounters
{
    /// <summary>As often a state that others keep changing is tried anew; then vfs may try.</summary>
    private const int MostTries = 1000;

    /// <summary>write(2) of a buffer below the window. False: not without a request, which also finds the error where there is one.</summary>
    public static bool TryWrite(TaskState* task, uint handle, ulong buffer, ulong length, out long result)
    {
        result = sizeof(ulong);
        ulong page = length < sizeof(ulong) ? 0 : MemorySources.Use(task, handle, out _), value;
        if (page == 0)
            return false;
        if (Stubs.UserRead64(buffer, &value) == 0)
        {
            result = -Errno.EFAULT;
            return true;
        }
        if (!TryAdd(page, value))
            return false;
        Change(task, handle, page, EventCounterPage.Rises);
        return true;
    }

    /// <summary>read(2), the same.</summary>
    public static bool TryRead(TaskState* task, uint handle, ulong buffer, ulong length, out long result)
    {
        result = sizeof(ulong);
        bool isSemaphore = false;
        ulong page = length < sizeof(ulong) ? 0 : MemorySources.Use(task, handle, out isSemaphore);
        if (page == 0)
            return false;
        if (!TryTake(page, isSemaphore, out ulong value))
        {
            result = -Errno.EAGAIN;
            return IsEmptyForNow(page);
        }
        Change(task, handle, page, EventCounterPage.Falls);
        // As on Linux the count is gone then.
        if (Stubs.UserWrite64(buffer, value) == 0)
            result = -Errno.EFAULT;
        return true;
    }

    /// <summary>What poll finds of <paramref name="events"/>, and the number of the last change for them, which is taken first. False: no page.</summary>
    public static bool TryLook(TaskState* task, uint handle, ushort events, out ushort found, out uint number)
    {
        ulong page = MemorySources.Find(task, handle, out _), counter = 0;
        uint rises = 0, falls = 0;
        bool isThere = page != 0 && Stubs.UserRead32(page + EventCounterPage.Rises, &rises) != 0
            && Stubs.UserRead32(page + EventCounterPage.Falls, &falls) != 0 && Stubs.UserRead64(page + EventCounterPage.State, &counter) != 0;
        found = (ushort)(BitsOf(counter) & (events | PollEvents.Unasked));
        bool isForReading = (events & PollEvents.Readable) != 0, isForWriting = (events & PollEvents.Writable) != 0;
        number = EventCounterPage.ChangeNumber(isForReading, isForWriting, rises, falls);
        return isThere;
    }

    /// <summary>The same without the number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryLevel(ulong page, ushort events, out ushort found)
    {
        ulong counter = 0;
        bool isThere = page != 0 && Stubs.UserRead64(page + EventCounterPage.State, &counter) != 0;
        found = (ushort)(BitsOf(counter) & (events | PollEvents.Unasked));
        return isThere;
    }

    private static int BitsOf(ulong counter) => (counter != 0 ? PollEvents.In : 0)
        | (counter < EventCounterPage.Highest ? PollEvents.Out : 0) | (counter > EventCounterPage.Highest ? PollEvents.Error : 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryTake(ulong page, bool isSemaphore, out ulong taken)
    {
        ulong counter = 0, found = 0;
        taken = 0;
        bool isThere = Stubs.UserRead64(page + EventCounterPage.State, &counter) != 0;
        for (int tries = 0; isThere && tries < MostTries && EventCounterPage.TryTake(counter, isSemaphore, out taken); tries++)
        {
            isThere = Stubs.UserCompareExchange64(page + EventCounterPage.State, counter, counter - taken, &found) != 0;
            if (isThere && found == counter)
                return true;
            counter = found;
        }
        return false;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool IsEmptyForNow(ulong page)
    {
        ulong counter = 1;
        return Stubs.UserRead64(page + EventCounterPage.State, &counter) != 0 && counter == 0 && Timers.IsNonBlocking(page);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryAdd(ulong page, ulong value)
    {
        ulong counter = 0, found = 0;
        bool isThere = Stubs.UserRead64(page + EventCounterPage.State, &counter) != 0;
        for (int tries = 0; isThere && tries < MostTries && EventCounterPage.TryAdd(counter, value, out ulong sum); tries++)
        {
            isThere = Stubs.UserCompareExchange64(page + EventCounterPage.State, counter, sum, &found) != 0;
            if (isThere && found == counter)
                return true;
            counter = found;
        }
        return false;
    }

    /// <summary>The state has changed: that many edges. A full fence: what is done before it is seen by who looks for a ring after it.</summary>
    public static void Count(ulong page, uint number, uint edges)
    {
        uint watched;
        Stubs.UserCount(page + number, edges, page + EventCounterPage.Watched, &watched);
    }

    // The state has changed once: counts the edge, and then looks whether vfs is to be told.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Change(TaskState* task, uint handle, ulong page, uint number)
    {
        uint watched;
        if (Stubs.UserCount(page + number, 1, page + EventCounterPage.Watched, &watched) != 0 && watched != 0)
            VfsClient.Call(task, VfsOperation.SourceChanged, handle);
        DescriptorTable.NoteActivity(task, handle);
    }

    /// <summary>Tells vfs of a change if somebody waits there.</summary>
    public static void Ring(TaskState* task, uint handle, ulong page)
    {
        uint watched = 0;
        if (Stubs.UserRead32(page + EventCounterPage.Watched, &watched) != 0 && watched != 0)
            VfsClient.Call(task, VfsOperation.SourceChanged, handle);
    }
}
