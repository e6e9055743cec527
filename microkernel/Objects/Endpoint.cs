using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Libsys.Abi;

namespace Microkernel;

/// <summary>
/// Synchronous messages: callers queue until someone receives, then wait for the reply. A faulting thread is a caller whose message the kernel
/// writes. Also carries the deaths of spaces.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe partial struct Endpoint
{
    public KernelObject Header;
    /// <summary>
    /// Handles with the right to receive. Without any, nobody ever will: calls fail, and spaces that hold it for their faults are as if they had none.
    /// </summary>
    public uint ReceiveHandles;
    public LinkedList Callers, Receivers;
    /// <summary>Dead spaces not yet told.</summary>
    public LinkedList Dead;
    /// <summary>Signalled when a message arrives and nobody receives.</summary>
    public Notification* Bound;
    public ulong BoundBits;
    /// <summary><see cref="AddressSpace.Identity"/> of the last receiver's space.</summary>
    public ulong LastReceiver;

    public static Endpoint* Create(Account* account) => (Endpoint*)KernelObject.Allocate(account, ObjectType.Endpoint, (uint)sizeof(Endpoint));

    public static void Free(Endpoint* endpoint)
    {
        Bind(endpoint, null, 0);
        ObjectAllocator.Free(endpoint);
    }

    /// <summary>The last handle that could receive is closed: ends all waits and forgets the deaths that nobody will hear of.</summary>
    public static void Abandon(Endpoint* endpoint)
    {
        Thread* thread;
        while ((thread = (Thread*)endpoint->Receivers.First) != null)
            Thread.Wake(thread, (long)KernelStatus.PeerGone);
        while ((thread = (Thread*)endpoint->Callers.First) != null)
            Thread.PeerGone(thread);
        AddressSpace* dead;
        while ((dead = TakeDead(endpoint)) != null)
            KernelObject.Release(&dead->Header);
        Bind(endpoint, null, 0);
    }

    /// <summary>Makes arrivals signal a notification; null ends it.</summary>
    public static void Bind(Endpoint* endpoint, Notification* notification, ulong bits)
    {
        if (notification != null)
            notification->Header.Acquire();
        if (endpoint->Bound != null)
            KernelObject.Release(&endpoint->Bound->Header);
        endpoint->Bound = notification;
        endpoint->BoundBits = bits;
        if (notification != null && (endpoint->Callers.Head != null || endpoint->Dead.Head != null))
            Notification.Signal(notification, bits);
    }

    private static void Announce(Endpoint* endpoint)
    {
        if (endpoint->Bound != null)
            Notification.Signal(endpoint->Bound, endpoint->BoundBits);
    }

    /// <summary>Queues the death of a space, or gives it to a receiver at once. Allocates nothing.</summary>
    public static void DeliverDeath(Endpoint* endpoint, AddressSpace* space)
    {
        if (endpoint->ReceiveHandles == 0)
            return;
        Thread* receiver = (Thread*)endpoint->Receivers.First;
        if (receiver != null)
        {
            WriteDeath(receiver, space);
            Thread.Wake(receiver, 0);
            return;
        }
        space->Header.Acquire();
        space->Death.Owner = space;
        LinkedList.Append(&endpoint->Dead, &space->Death);
        Announce(endpoint);
    }

    private static AddressSpace* TakeDead(Endpoint* endpoint)
    {
        AddressSpace* space = (AddressSpace*)endpoint->Dead.First;
        if (space != null)
            LinkedList.Remove(&space->Death);
        return space;
    }

    private static void WriteDeath(Thread* receiver, AddressSpace* space)
    {
        Message* message = &receiver->Block->Message;
        ulong* words = (ulong*)message;
        words[0] = space->LastExitArgument;
        for (int i = 1; i < 8; i++)
            words[i] = 0;
        message->HandleCount = 0;
        message->Kind = (uint)MessageKind.SpaceDeath;
        message->Badge = space->FaultBadge;
        message->ReplyHandle = 0;
        message->Group = 0;
        message->Slot = 0;
    }

    /// <summary>A thread sends its message area (or its fault) and will wait for the reply. Blocked, or why not.</summary>
    /// <param name="next">The receiver, to be run; null: nobody received.</param>
    public static long Call(Endpoint* endpoint, Thread* caller, MessageKind kind, ulong badge, ulong deadline, WaitFlags flags, out Thread* next)
    {
        next = null;
        if (endpoint->ReceiveHandles == 0)
            return (long)KernelStatus.PeerGone;
        caller->CallKind = kind;
        caller->CallBadge = badge;
        caller->CallSequence++;
        Thread* receiver = (Thread*)endpoint->Receivers.First;
        if (receiver != null)
        {
            long status = Deliver(caller, receiver);
            if (status >= 0)
            {
                Thread.Sleep(caller, WaitKind.Reply, deadline, flags);
                LinkedList.Remove(&receiver->Waiter.Place);
                Thread.Release(receiver, 0);
                next = receiver;
                return CallResult.Blocked;
            }
            if (kind == MessageKind.Call)
                return status;
            // The receiver has no room for a reply handle, which is not the fault of who faulted: the message waits, and the receiver learns what it lacks.
            Thread.Wake(receiver, status);
        }
        if (deadline == 0)
            return (long)KernelStatus.WouldBlock;
        Thread.Sleep(caller, WaitKind.Send, deadline, flags);
        LinkedList.Append(&endpoint->Callers, &caller->Waiter.Place);
        Announce(endpoint);
        return CallResult.Blocked;
    }

    /// <summary>Takes a waiting message or lets the thread wait for one.</summary>
    public static long Receive(Endpoint* endpoint, Thread* receiver, ulong deadline, WaitFlags flags)
    {
        endpoint->LastReceiver = receiver->Space->Identity;
        AddressSpace* dead = TakeDead(endpoint);
        if (dead != null)
        {
            WriteDeath(receiver, dead);
            KernelObject.Release(&dead->Header);
            return 0;
        }
        Thread* caller;
        while ((caller = (Thread*)endpoint->Callers.First) != null)
        {
            long status = Deliver(caller, receiver);
            if (status < 0)
            {
                // The receiver has no room for a reply handle. With that it would have kept its place.
                if (receiver->SpareReply == null)
                    return status;
                // The caller's handles are no longer what they were when it called, or find no room.
                Thread.Wake(caller, status);
                continue;
            }
            LinkedList.Remove(&caller->Waiter.Place);
            caller->Wait = WaitKind.Reply;
            return 0;
        }
        if (deadline == 0)
            return (long)KernelStatus.WouldBlock;
        if (!Thread.MaySleep(receiver, flags))
            return (long)KernelStatus.Interrupted;
        Thread.Sleep(receiver, WaitKind.Receive, deadline, flags);
        LinkedList.Append(&endpoint->Receivers, &receiver->Waiter.Place);
        return CallResult.Blocked;
    }

    // Writes the caller's message into the receiver's area with a reply handle. Negative: nothing has happened.
    private static long Deliver(Thread* caller, Thread* receiver)
    {
        long reply = receiver->SpareReply != null ? UseSpare(caller, receiver)
            : HandleTable.Install(receiver->Space, 0, &caller->Header, ObjectType.Reply, Rights.Signal, caller->CallSequence);
        if (reply < 0)
            return reply;
        Message* message = &receiver->Block->Message;
        if (caller->CallKind == MessageKind.Call)
        {
            long status = Transfer(caller, receiver);
            if (status < 0)
            {
                HandleEntry* entry = receiver->Space->Handles.Find((ulong)reply);
                CloseReply(receiver, entry, (uint)reply);
                return status;
            }
        }
        else
        {
            ulong* words = (ulong*)message;
            RegisterFrame* frame = Thread.FrameOf(caller);
            words[0] = caller->FaultVector;
            words[1] = caller->FaultError;
            words[2] = caller->FaultAddress;
            words[3] = frame->Rip;
            words[4] = frame->Rsp;
            words[5] = (ulong)caller->FaultStatus;
            words[6] = words[7] = 0;
            message->HandleCount = 0;
        }
        Address(message, caller, (uint)reply);
        return 0;
    }

    /// <summary>Writes what the kernel says of a caller into its receiver's message area.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Address(Message* message, Thread* caller, uint reply)
    {
        message->Kind = (uint)caller->CallKind;
        message->Badge = caller->CallBadge;
        message->ReplyHandle = reply;
        message->Group = caller->Group;
        message->Slot = caller->Slot;
    }

    /// <summary>Makes the receiver's spare entry the reply handle of a call.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint UseSpare(Thread* caller, Thread* receiver)
    {
        HandleEntry* spare = receiver->SpareReply;
        receiver->SpareReply = null;
        spare->Object = &caller->Header;
        spare->Extra = caller->CallSequence;
        caller->Header.Acquire();
        return receiver->SpareReplyHandle;
    }

    // Takes an answered reply handle away. The answering thread keeps one entry (with no object, which look-ups take for no handle) for its next call.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CloseReply(Thread* server, HandleEntry* entry, uint handle)
    {
        if (server->SpareReply != null)
        {
            HandleTable.Close(server->Space, entry);
            return;
        }
        KernelObject* caller = entry->Object;
        entry->Object = null;
        server->SpareReply = entry;
        server->SpareReplyHandle = handle;
        KernelObject.Release(caller);
    }

    // Copies words and duplicates handles from one message area to another. The sender's area is read once.
    private static long Transfer(Thread* sender, Thread* receiver)
    {
        Message* from = &sender->Block->Message, to = &receiver->Block->Message;
        uint count = System.Threading.Volatile.Read(ref from->HandleCount);
        if (count != 0)
        {
            long status = TransferHandles(sender, receiver, count);
            if (status < 0)
                return status;
        }
        to->HandleCount = count;
        FastPath.CopyWords(from, to);
        return 0;
    }

    private static long TransferHandles(Thread* sender, Thread* receiver, uint count)
    {
        if (count > 4)
            return (long)KernelStatus.BadArgument;
        uint* from = (uint*)&sender->Block->Message.Handles, to = (uint*)&receiver->Block->Message.Handles;
        uint* fromRights = (uint*)&sender->Block->Message.Rights, toRights = (uint*)&receiver->Block->Message.Rights;
        uint* made = stackalloc uint[4];
        uint* rights = stackalloc uint[4];
        for (uint i = 0; i < count; i++)
        {
            HandleEntry* entry = HandleTable.FindToDuplicate(sender, System.Threading.Volatile.Read(ref from[i]), out long status);
            if (entry != null)
            {
                rights[i] = (uint)entry->Rights & System.Threading.Volatile.Read(ref fromRights[i]);
                status = HandleTable.Install(receiver->Space, 0, entry->Object, entry->Type, (Rights)rights[i], entry->Extra);
            }
            if (status < 0)
            {
                while (i-- > 0)
                    HandleTable.Close(receiver->Space, receiver->Space->Handles.Find(made[i]));
                return status;
            }
            made[i] = (uint)status;
        }
        for (uint i = 0; i < count; i++)
        {
            to[i] = made[i];
            toRights[i] = rights[i];
        }
        return 0;
    }

    /// <summary>Answers the call behind a reply handle and closes it. PeerGone: the caller no longer waits, nothing was delivered.</summary>
    /// <param name="next">The caller, to be run; null: it is not to run.</param>
    public static long Reply(Thread* server, HandleEntry* entry, uint handle, out Thread* next)
    {
        next = null;
        Thread* caller = (Thread*)entry->Object;
        if (caller->Wait != WaitKind.Reply || caller->CallSequence != entry->Extra)
        {
            CloseReply(server, entry, handle);
            return (long)KernelStatus.PeerGone;
        }
        if (caller->InFault)
        {
            ulong verdict = *(ulong*)&server->Block->Message;
            Thread.Withdraw(caller);
            caller->InFault = false;
            caller->Refused = verdict == 2 && caller->CallKind == MessageKind.PageMissing;
            // The handle's reference keeps the thread.
            if (verdict == 1 || caller->Refused)
                next = caller;
            else
                Thread.End(caller, 0);
            CloseReply(server, entry, handle);
            return 0;
        }
        long status = Transfer(server, caller);
        if (status < 0)
            return status;
        caller->Block->Message.Kind = 0;
        caller->CallSequence++;
        Thread.Release(caller, 0);
        CloseReply(server, entry, handle);
        next = caller;
        return 0;
    }

    /// <summary>A reply handle is closed without an answer.</summary>
    public static void DropReply(Thread* caller, ulong sequence)
    {
        if (caller->Wait == WaitKind.Reply && caller->CallSequence == sequence)
            Thread.PeerGone(caller);
    }
}
