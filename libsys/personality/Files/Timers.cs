using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// timerfd_create(2) and its relatives, in the page that vfs shares: whether a timer has expired follows from the clock and two words. What has to wait is a
/// request. The page may hold anything, and may be gone.
/// </summary>
internal static unsafe class Timers
{
    private const int MostTries = 1000;

    // What the program gives and gets: struct itimerspec, interval and value.
    private const uint ValueAt = 16;

    private struct Setting
    {
        public ulong Expiry, Interval;
    }

    /// <summary>timerfd_create.</summary>
    public static long Create(TaskState* task, ulong clock, ulong flags)
    {
        if (((uint)flags & ~(OpenFlags.NonBlock | OpenFlags.CloseOnExec)) != 0)
            return -Errno.EINVAL;
        return DescriptorCalls.InstallSource(task, VfsOperation.CreateTimer, (uint)clock, (uint)flags, DescriptorBits.Timer);
    }

    /// <summary>timerfd_settime.</summary>
    public static long Set(TaskState* task, ulong fd, ulong flags, ulong value, ulong old)
    {
        const uint absolute = 1, cancelOnSet = 2; // the clock is never set here, so nothing is cancelled
        long result = TimeSpecification.Read(value, out ulong interval);
        long second = TimeSpecification.Read(value + ValueAt, out ulong given);
        if (result == -Errno.EFAULT || second == -Errno.EFAULT)
            return -Errno.EFAULT;
        if (result < 0 || second < 0 || ((uint)flags & ~(absolute | cancelOnSet)) != 0)
            return -Errno.EINVAL;
        Descriptor descriptor;
        result = Find(task, fd, &descriptor);
        if (result < 0)
            return result;
        bool isAbsolute = ((uint)flags & absolute) != 0;
        Setting before;
        ulong now = Clock.Now;
        ulong page = MemorySources.Use(task, descriptor.Handle, out bool isWallClock);
        ulong first = TimerPage.First(given, isAbsolute, now, isWallClock ? Clock.Page->WallOffset : 0);
        if (page == 0 || !TryReplace(page, first, interval, now, &before))
            result = Ask(task, descriptor.Handle, isAbsolute ? TimerSetting.Absolute : TimerSetting.Relative, given, interval, &before);
        else
            EventCounters.Ring(task, descriptor.Handle, page);
        if (result < 0)
            return result;
        DescriptorTable.NoteActivity(task, descriptor.Handle);
        return old == 0 || Write(old, &before, now) ? 0 : -Errno.EFAULT;
    }

    /// <summary>timerfd_gettime.</summary>
    public static long Get(TaskState* task, ulong fd, ulong value)
    {
        Descriptor descriptor;
        long result = Find(task, fd, &descriptor);
        if (result < 0)
            return result;
        Setting found;
        ulong page = MemorySources.Use(task, descriptor.Handle, out _);
        if (page == 0 || !TryRead(page, &found))
            result = Ask(task, descriptor.Handle, TimerSetting.Look, 0, 0, &found);
        return result < 0 ? result : Write(value, &found, Clock.Now) ? 0 : -Errno.EFAULT;
    }

    /// <summary>read(2) or write(2). False: not without a request, which waits, and also finds the error where there is one.</summary>
    public static bool TryMove(TaskState* task, Descriptor* descriptor, ulong buffer, ulong length, bool write, out long result)
    {
        result = -Errno.EINVAL;
        if (write || length < sizeof(ulong))
            return true;
        ulong page = MemorySources.Use(task, descriptor->Handle, out _);
        Setting found;
        if (page == 0 || !TryReadLoosely(page, &found))
            return false;
        for (int tries = 0; tries < MostTries; tries++)
        {
            // That it has not expired depends on one word alone.
            ulong count = TimerPage.Expirations(found.Expiry, found.Interval, Clock.Now);
            if (count == 0)
            {
                result = -Errno.EAGAIN;
                return IsNonBlocking(page);
            }
            Setting expected = found;
            ulong next = TimerPage.After(found.Expiry, found.Interval, count);
            if (Stubs.UserCompareExchange128(page + TimerPage.Expiry, &found.Expiry, next, found.Interval) == 0)
                return false;
            if (found.Expiry != expected.Expiry || found.Interval != expected.Interval)
                continue;
            EventCounters.Count(page, EventCounterPage.Rises, 1);
            DescriptorTable.NoteActivity(task, descriptor->Handle);
            result = UserMemory.WriteU64(buffer, count) ? sizeof(ulong) : -Errno.EFAULT;
            return true;
        }
        return false;
    }

    /// <summary>As <see cref="EventCounters.TryLook"/>.</summary>
    public static bool TryLook(TaskState* task, uint handle, ushort events, out ushort found, out uint number)
    {
        ulong page = MemorySources.Find(task, handle, out _), expiry = 0;
        uint rises = 0;
        bool isThere = page != 0 && Stubs.UserRead32(page + EventCounterPage.Rises, &rises) != 0 && Stubs.UserRead64(page + TimerPage.Expiry, &expiry) != 0;
        uint edges = TimerPage.Edges(expiry, Clock.Now);
        found = (ushort)((edges != 0 ? PollEvents.In : 0) & events);
        number = (events & PollEvents.Readable) != 0 ? unchecked(rises + edges) : 0;
        return isThere;
    }

    /// <summary>O_NONBLOCK of a description, as vfs says in its page.</summary>
    public static bool IsNonBlocking(ulong page)
    {
        uint flags = 0;
        return Stubs.UserRead32(page + EventCounterPage.Flags, &flags) != 0 && (flags & OpenFlags.NonBlock) != 0;
    }

    private static long Find(TaskState* task, ulong fd, Descriptor* descriptor)
    {
        if (!DescriptorTable.Find(task, fd, descriptor))
            return -Errno.EBADF;
        return (descriptor->Bits & DescriptorBits.Timer) != 0 ? 0 : -Errno.EINVAL;
    }

    private static long Ask(TaskState* task, uint handle, TimerSetting setting, ulong given, ulong interval, Setting* before)
    {
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.SetTimer, handle, (ulong)setting, given, interval);
        long result = VfsClient.Call(task, &request);
        before->Expiry = request.V0;
        before->Interval = request.V1;
        return result;
    }

    // False: the page is gone, or others keep changing it.
    private static bool TryReplace(ulong page, ulong expiry, ulong interval, ulong now, Setting* before)
    {
        if (!TryReadLoosely(page, before))
            return false;
        for (int tries = 0; tries < MostTries; tries++)
        {
            Setting expected = *before;
            if (Stubs.UserCompareExchange128(page + TimerPage.Expiry, &before->Expiry, expiry, interval) == 0)
                return false;
            if (before->Expiry != expected.Expiry || before->Interval != expected.Interval)
                continue;
            // An expiration that nobody will read any more has been an edge too. Also the fence before the look for a ring.
            EventCounters.Count(page, EventCounterPage.Rises, TimerPage.Edges(expected.Expiry, now));
            return true;
        }
        return false;
    }

    // Both words as they were at one moment: replaced by themselves, if they are 0 and 0.
    private static bool TryRead(ulong page, Setting* found)
    {
        found->Expiry = found->Interval = 0;
        return Stubs.UserCompareExchange128(page + TimerPage.Expiry, &found->Expiry, 0, 0) != 0;
    }

    private static bool TryReadLoosely(ulong page, Setting* found) =>
        Stubs.UserRead64(page + TimerPage.Expiry, &found->Expiry) != 0 && Stubs.UserRead64(page + TimerPage.Interval, &found->Interval) != 0;

    private static bool Write(ulong address, Setting* setting, ulong now) =>
        TimeSpecification.Write(address, setting->Interval)
        && TimeSpecification.Write(address + ValueAt, TimerPage.Remaining(setting->Expiry, setting->Interval, now));
}
