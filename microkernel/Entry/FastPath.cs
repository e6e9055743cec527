using Libsys.Abi;

namespace Microkernel;

/// <summary>
/// The calls that messages are made of, looked at before the general dispatch: signal-and-wait, and reply-and-receive and call when the other
/// side waits already. They hand the CPU over without a ready queue. Anything out of the ordinary is left to the general path.
/// </summary>
internal static unsafe class FastPath
{
    /// <summary>Result as of a call's method, or <see cref="CallResult.Restart"/>: not handled, nothing has happened.</summary>
    public static long Try(Cpu* cpu, Thread* thread, RegisterFrame* frame)
    {
        switch ((KernelCall)frame->Rax)
        {
            case KernelCall.SignalAndWait:
                return SignalAndWait(cpu, thread, frame);
            case KernelCall.EndpointCall:
                return Calls.EndpointCall(cpu, thread, frame->Rdi, frame->Rsi, (WaitFlags)frame->Rdx);
            case KernelCall.EndpointReplyAndReceive:
                return Calls.EndpointReplyAndReceive(cpu, thread, frame->Rdi, frame->Rsi, frame->Rdx, (WaitFlags)frame->R10);
            default:
                return CallResult.Restart;
        }
    }

    private static long SignalAndWait(Cpu* cpu, Thread* thread, RegisterFrame* frame)
    {
        HandleTable* table = &thread->Space->Handles;
        HandleEntry* signal = table->Find((uint)frame->Rdi);
        HandleEntry* wait = table->Find((uint)frame->Rdx);
        if (signal == null || wait == null || signal->Type != ObjectType.Notification || wait->Type != ObjectType.Notification
            || (signal->Rights & Rights.Signal) == 0 || (wait->Rights & Rights.Wait) == 0 || ((frame->Rdi | frame->Rdx) >> 32) != 0
            || frame->R10 == 0)
            return CallResult.Restart;
        Notification* awaited = (Notification*)wait->Object, signalled = (Notification*)signal->Object;
        ulong bits = frame->Rsi & signal->Extra;
        Thread* next = signalled->Waiters.Head;
        if (next == null || bits == 0 || awaited->Bits != 0 || signalled == awaited || !Thread.MaySleep(thread, (WaitFlags)frame->R8)
            || !Scheduler.MayHandOver(cpu, next))
            return CallResult.Restart;
        WaitQueue.Remove(next);
        if (next->Timer.Place != 0)
            Timer.Stop(&next->Timer);
        next->Wait = WaitKind.None;
        Thread.FrameOf(next)->Rax = signalled->Bits | bits;
        signalled->Bits = 0;
        Thread.Sleep(thread, WaitKind.Notification, awaited, frame->R10, (WaitFlags)frame->R8);
        WaitQueue.Append(&awaited->Waiters, thread);
        PublishedPage.Page->Runnable++;
        Scheduler.SwitchTo(cpu, next);
        return CallResult.Blocked;
    }
}
