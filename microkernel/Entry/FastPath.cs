using System.Runtime.CompilerServices;
using System.Threading;
using Libsys.Abi;

namespace Microkernel;

/// <summary>
/// The calls that messages are made of, in the case that matters: the other side waits already, so the CPU goes straight to it, past the ready
/// queues. Everything is checked before anything is changed; what is out of the ordinary is left to the general path.
/// </summary>
internal static unsafe class FastPath
{
    /// <summary>Result as of a call's method, or <see cref="CallResult.Restart"/>: not handled, nothing has happened.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Try(Cpu* cpu, Thread* thread, RegisterFrame* frame) => (KernelCall)frame->Rax switch
    {
        KernelCall.SignalAndWait => SignalAndWait(cpu, thread, frame),
        KernelCall.EndpointCall => Call(cpu, thread, frame),
        KernelCall.EndpointReplyAndReceive => ReplyAndReceive(cpu, thread, frame),
        _ => CallResult.Restart,
    };

    // An entry that a handle of the own table names, of a type and with a right; null: no, or a case for the general path.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static HandleEntry* Find(Thread* thread, ulong handle, ObjectType type, Rights right)
    {
        ulong leaf = thread->Space->Handles.LeafOf(handle);
        if (leaf == 0)
            return null;
        HandleEntry* entry = (HandleEntry*)PhysicalMap.At(leaf) + handle % HandleTable.PerLeaf;
        return entry->Object != null && entry->Type == type && (entry->Rights & right) != 0 ? entry : null;
    }

    /// <summary>Copies the eight words of a message.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CopyWords(Message* from, Message* to)
    {
        ulong* source = (ulong*)from, target = (ulong*)to;
        target[0] = source[0];
        target[1] = source[1];
        target[2] = source[2];
        target[3] = source[3];
        target[4] = source[4];
        target[5] = source[5];
        target[6] = source[6];
        target[7] = source[7];
    }

    private static long SignalAndWait(Cpu* cpu, Thread* thread, RegisterFrame* frame)
    {
        HandleEntry* signal = Find(thread, frame->Rdi, ObjectType.Notification, Rights.Signal);
        HandleEntry* wait = Find(thread, frame->Rdx, ObjectType.Notification, Rights.Wait);
        if (signal == null || wait == null || frame->R10 == 0)
            return CallResult.Restart;
        Notification* awaited = (Notification*)wait->Object, signalled = (Notification*)signal->Object;
        ulong bits = frame->Rsi & signal->Extra;
        Link* first = signalled->Waiters.Head;
        if (first == null)
            return CallResult.Restart;
        Thread* next = (Thread*)first->Owner;
        if (bits == 0 || awaited->Bits != 0 || signalled == awaited || !Thread.MaySleep(thread, (WaitFlags)frame->R8)
            || !Scheduler.MayHandOver(cpu, next))
            return CallResult.Restart;
        LinkedList.Remove(first);
        Thread.Release(next, signalled->Bits | bits);
        signalled->Bits = 0;
        Thread.Sleep(thread, WaitKind.Notification, frame->R10, (WaitFlags)frame->R8);
        LinkedList.Prepend(&awaited->Waiters, &thread->Waiter.Place);
        Scheduler.SwitchTo(cpu, next, (WaitFlags)frame->R8);
        return CallResult.Blocked;
    }

    // Without handles, to a receiver that waits and has a reply entry to spare.
    private static long Call(Cpu* cpu, Thread* thread, RegisterFrame* frame)
    {
        HandleEntry* entry = Find(thread, frame->Rdi, ObjectType.Endpoint, Rights.Signal);
        if (entry == null)
            return CallResult.Restart;
        Link* first = ((Endpoint*)entry->Object)->Receivers.Head;
        if (first == null)
            return CallResult.Restart;
        Thread* receiver = (Thread*)first->Owner;
        Message* from = &thread->Block->Message;
        if (receiver->SpareReply == null || Volatile.Read(ref from->HandleCount) != 0
            || !Thread.MaySleep(thread, (WaitFlags)frame->Rdx) || !Scheduler.MayHandOver(cpu, receiver))
            return CallResult.Restart;
        thread->CallKind = MessageKind.Call;
        thread->CallBadge = entry->Extra;
        thread->CallSequence++;
        uint reply = Endpoint.UseSpare(thread, receiver);
        Message* to = &receiver->Block->Message;
        CopyWords(from, to);
        to->HandleCount = 0;
        Endpoint.Address(to, thread, reply);
        LinkedList.Remove(first);
        Thread.Release(receiver, 0);
        Thread.Sleep(thread, WaitKind.Reply, frame->Rsi, (WaitFlags)frame->Rdx);
        Scheduler.SwitchTo(cpu, receiver, (WaitFlags)frame->Rdx);
        return CallResult.Blocked;
    }

    // Answers a caller that waits, without handles, and waits for the next: nothing has arrived yet.
    private static long ReplyAndReceive(Cpu* cpu, Thread* thread, RegisterFrame* frame)
    {
        HandleEntry* reply = Find(thread, frame->Rdi, ObjectType.Reply, Rights.Signal);
        HandleEntry* entry = Find(thread, frame->Rsi, ObjectType.Endpoint, Rights.Wait);
        if (reply == null || entry == null || frame->Rdx == 0)
            return CallResult.Restart;
        Endpoint* endpoint = (Endpoint*)entry->Object;
        Thread* caller = (Thread*)reply->Object;
        Message* from = &thread->Block->Message;
        if (caller->Wait != WaitKind.Reply || caller->CallSequence != reply->Extra || caller->InFault || thread->SpareReply != null
            || endpoint->Dead.Head != null || endpoint->Callers.Head != null || Volatile.Read(ref from->HandleCount) != 0
            || !Thread.MaySleep(thread, (WaitFlags)frame->R10) || !Scheduler.MayHandOver(cpu, caller))
            return CallResult.Restart;
        Message* to = &caller->Block->Message;
        CopyWords(from, to);
        to->HandleCount = 0;
        to->Kind = 0;
        // The handle's reference is not the last: the caller lives.
        caller->Header.References--;
        reply->Object = null;
        thread->SpareReply = reply;
        thread->SpareReplyHandle = (uint)frame->Rdi;
        caller->CallSequence++;
        Thread.Release(caller, 0);
        endpoint->LastReceiver = thread->Space->Identity;
        Thread.Sleep(thread, WaitKind.Receive, frame->Rdx, (WaitFlags)frame->R10);
        LinkedList.Append(&endpoint->Receivers, &thread->Waiter.Place);
        Scheduler.SwitchTo(cpu, caller, (WaitFlags)frame->R10);
        return CallResult.Blocked;
    }
}
