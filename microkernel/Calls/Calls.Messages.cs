using Libsys.Abi;

namespace Microkernel;

// Notifications and endpoints.
internal static unsafe partial class Calls
{
    private const Rights SignalAndWaitRights = Rights.Signal | Rights.Wait | Rights.Manage | Rights.Duplicate;

    public static long NotificationCreate(Thread* thread, ulong accountHandle) => TryAccountOr(thread, accountHandle, out Account* account, out long status)
        ? Give(thread, (KernelObject*)Notification.Create(account), SignalAndWaitRights, Notification.AllBits) : status;

    public static long NotificationSignal(Thread* thread, ulong handle, ulong bits)
    {
        HandleEntry* entry = HandleTable.Find(thread, handle, ObjectType.Notification, Rights.Signal, out long status);
        if (entry != null)
            Notification.Signal((Notification*)entry->Object, bits & entry->Extra);
        return status;
    }

    public static long NotificationWait(Thread* thread, ulong handle, ulong deadline, WaitFlags flags)
    {
        Notification* notification = (Notification*)Find(thread, handle, ObjectType.Notification, Rights.Wait, out long status);
        return notification == null ? status : Notification.Wait(notification, thread, deadline, flags);
    }

    /// <summary>Signals one notification and waits for another: the cases that the fast path leaves.</summary>
    public static long SignalAndWait(Cpu* cpu, Thread* thread, ulong signal, ulong bits, ulong wait, ulong deadline, WaitFlags flags)
    {
        HandleEntry* entry = HandleTable.Find(thread, signal, ObjectType.Notification, Rights.Signal, out long status);
        if (entry == null)
            return status;
        Notification* signalled = (Notification*)entry->Object;
        bits &= entry->Extra;
        if (!TryFind(thread, wait, ObjectType.Notification, Rights.Wait, out Notification* awaited, out status))
            return status;
        Notification.Signal(signalled, bits);
        return Notification.Wait(awaited, thread, deadline, flags);
    }

    public static long TimerSet(Thread* thread, ulong handle, ulong bits, ulong deadline, ulong period)
    {
        // A shorter period would keep a CPU busy with nothing else; a longer one may overflow as ticks. 2^58 ns are nine years.
        const ulong ShortestPeriod = 10_000, LongestPeriod = 1ul << 58;
        HandleEntry* entry = HandleTable.Find(thread, handle, ObjectType.Notification, Rights.Manage, out long status);
        if (entry == null)
            return status;
        if (period != 0 && (period < ShortestPeriod || period > LongestPeriod))
            return BadArgument;
        Notification* notification = (Notification*)entry->Object;
        Timer.Stop(&notification->Timer);
        if (deadline == ulong.MaxValue)
            return Ok;
        if (!notification->HasTimer)
        {
            if (!Timer.Reserve())
                return NoMemory;
            notification->HasTimer = true;
        }
        notification->Timer.Notification = notification;
        notification->Timer.Bits = bits & entry->Extra;
        notification->Timer.Period = period == 0 ? 0 : Clock.TicksOf(period);
        notification->Timer.Deadline = Clock.ToTicks(deadline);
        Timer.Insert(&notification->Timer);
        return Ok;
    }

    public static long EndpointCreate(Thread* thread, ulong accountHandle) => TryAccountOr(thread, accountHandle, out Account* account, out long status)
        ? Give(thread, (KernelObject*)Endpoint.Create(account), SignalAndWaitRights, 0) : status;

    public static long EndpointCall(Cpu* cpu, Thread* thread, ulong handle, ulong deadline, WaitFlags flags)
    {
        HandleEntry* entry = HandleTable.Find(thread, handle, ObjectType.Endpoint, Rights.Signal, out long status);
        if (entry == null)
            return status;
        if (!Thread.MaySleep(thread, flags))
            return (long)KernelStatus.Interrupted;
        status = CheckHandles(thread);
        if (status < 0)
            return status;
        status = Endpoint.Call((Endpoint*)entry->Object, thread, MessageKind.Call, entry->Extra, deadline, flags, out Thread* next);
        if (next != null)
            Scheduler.HandOver(cpu, next);
        return status;
    }

    // Tells early what a transfer would refuse; the transfer checks again.
    private static long CheckHandles(Thread* thread)
    {
        Message* message = &thread->Block->Message;
        uint count = System.Threading.Volatile.Read(ref message->HandleCount);
        if (count == 0)
            return Ok;
        if (count > 4)
            return BadArgument;
        uint* handles = (uint*)&message->Handles;
        long status = Ok;
        for (uint i = 0; i < count && status == Ok; i++)
            HandleTable.FindToDuplicate(thread, System.Threading.Volatile.Read(ref handles[i]), out status);
        return status;
    }

    public static long EndpointReceive(Thread* thread, ulong handle, ulong deadline, WaitFlags flags)
    {
        Endpoint* endpoint = (Endpoint*)Find(thread, handle, ObjectType.Endpoint, Rights.Wait, out long status);
        return endpoint == null ? status : Endpoint.Receive(endpoint, thread, deadline, flags);
    }

    public static long EndpointReply(Thread* thread, ulong reply)
    {
        HandleEntry* entry = HandleTable.Find(thread, reply, ObjectType.Reply, Rights.Signal, out long status);
        if (entry == null)
            return status;
        status = Endpoint.Reply(thread, entry, (uint)reply, out Thread* next);
        if (next != null)
            Scheduler.MakeReady(next);
        return status;
    }

    /// <summary>Answers a call and waits for the next. An answer that nobody waits for any more is no reason not to receive.</summary>
    public static long EndpointReplyAndReceive(Cpu* cpu, Thread* thread, ulong reply, ulong handle, ulong deadline, WaitFlags flags)
    {
        if (!TryFind(thread, handle, ObjectType.Endpoint, Rights.Wait, out Endpoint* endpoint, out long status))
            return status;
        Thread* next = null;
        if (reply != 0)
        {
            HandleEntry* entry = HandleTable.Find(thread, reply, ObjectType.Reply, Rights.Signal, out status);
            if (entry == null)
                return status;
            status = Endpoint.Reply(thread, entry, (uint)reply, out next);
            if (status < 0 && status != (long)KernelStatus.PeerGone)
                return status;
        }
        status = Endpoint.Receive(endpoint, thread, deadline, flags);
        if (next != null)
        {
            if (status == CallResult.Blocked)
                Scheduler.HandOver(cpu, next);
            else
                Scheduler.MakeReady(next);
        }
        return status;
    }

    public static long EndpointBind(Thread* thread, ulong handle, ulong notification, ulong bits)
    {
        if (!TryFind(thread, handle, ObjectType.Endpoint, Rights.Manage, out Endpoint* endpoint, out long status))
            return status;
        if (notification == 0)
        {
            Endpoint.Bind(endpoint, null, 0);
            return Ok;
        }
        HandleEntry* entry = HandleTable.Find(thread, notification, ObjectType.Notification, Rights.Signal, out status);
        if (entry == null)
            return status;
        Endpoint.Bind(endpoint, (Notification*)entry->Object, bits & entry->Extra);
        return Ok;
    }
}
