using Libsys.Abi;

namespace Microkernel;

/// <summary>Kernel call numbers to methods. The contract of each call is with its number in the ABI; see also the methods.</summary>
internal static unsafe class Dispatch
{
    /// <summary>Makes the call in a thread's registers. A result, a negative status, or a <see cref="CallResult"/>.</summary>
    public static long Call(Cpu* cpu, Thread* thread, RegisterFrame* frame)
    {
        ulong a = frame->Rdi, b = frame->Rsi, c = frame->Rdx, d = frame->R10, e = frame->R8, f = frame->R9;
        KernelCall number = (KernelCall)frame->Rax;
        if (frame->Rax > uint.MaxValue)
            return (long)KernelStatus.UnknownCall;
        bool memory = number >= KernelCall.MemoryCreate && number <= KernelCall.SpacePopulate;
        if (memory)
            Clock.Account(cpu);
        ulong awaited = thread->AwaitedReaping;
        if (Reaper.Freed < awaited)
        {
            Reaper.Step();
            Entry.Rewind(frame);
            return CallResult.Done;
        }
        thread->AwaitedReaping = 0;
        bool reaping = Reaper.HasWork;
        long result = number switch
        {
            KernelCall.LogWrite => Calls.LogWrite(thread, a, b),
            KernelCall.ClockSet => Calls.ClockSet(thread, a, b),
            KernelCall.Halt => Calls.Halt(thread, a),
            KernelCall.LogRead => Calls.LogRead(thread, a, b),
            KernelCall.MemoryWatch => Calls.MemoryWatch(thread, a, b, c, d),
            KernelCall.HandleClose => Calls.HandleClose(thread, a),
            KernelCall.HandleDuplicate => Calls.HandleDuplicate(thread, a, b),
            KernelCall.HandleInstall => Calls.HandleInstall(thread, a, b, c, d),
            KernelCall.HandleQuery => Calls.HandleQuery(thread, a),
            KernelCall.EndpointMint => Calls.EndpointMint(thread, a, b),
            KernelCall.EndpointInstall => Calls.EndpointInstall(thread, a, b, c, d),
            KernelCall.NotificationMint => Calls.NotificationMint(thread, a, b),
            KernelCall.AccountCreate => Calls.AccountCreate(thread, a, b, c, d),
            KernelCall.AccountQuery => Calls.AccountQuery(thread, a),
            KernelCall.MemoryCreate => Calls.MemoryCreate(thread, a, b, c),
            KernelCall.MemoryDestroy => Calls.MemoryDestroy(thread, a),
            KernelCall.MemoryDiscard => Calls.MemoryDiscard(thread, a, b, c, d),
            KernelCall.MemoryDevice => Calls.MemoryDevice(thread, a, b, c, d),
            KernelCall.MemoryQuery => Calls.MemoryQuery(thread, a),
            KernelCall.MemoryCollectDirty => Calls.MemoryCollectDirty(thread, a, b, c),
            KernelCall.MemoryCreatePaged => Calls.MemoryCreatePaged(thread, a, b, c, d),
            KernelCall.MemorySupply => Calls.MemorySupply(thread, a, b, c, d, e, share: false, 0),
            KernelCall.MemoryShare => Calls.MemorySupply(thread, a, b, c, d, e, share: true, f),
            KernelCall.MemoryDetach => Calls.MemoryDetach(thread, a, b),
            KernelCall.SpaceCreate => Calls.SpaceCreate(thread, a, b, c),
            KernelCall.SpaceDestroy => Calls.SpaceDestroy(thread, a),
            KernelCall.SpaceMap => Calls.SpaceMap(thread, a, b, c, d, e, f),
            KernelCall.SpaceUnmap => Calls.SpaceUnmap(thread, a, b, c),
            KernelCall.SpaceProtect => Calls.SpaceProtect(thread, a, b, c, d),
            KernelCall.SpaceQuery => Calls.SpaceQuery(thread, a, b),
            KernelCall.SpaceFindGap => Calls.SpaceFindGap(thread, a, b, c, d, e),
            KernelCall.SpaceMove => Calls.SpaceMove(thread, a, b, c, d, e),
            KernelCall.SpaceDiscard => Calls.SpaceDiscard(thread, a, b, c),
            KernelCall.SpaceFork => Calls.SpaceFork(thread, a, b, c, d),
            KernelCall.SpaceInterrupt => Calls.SpaceInterrupt(thread, a, b),
            KernelCall.SpaceSuspend => Calls.SpaceSuspend(thread, a, b),
            KernelCall.SpaceResume => Calls.SpaceResume(thread, a, b),
            KernelCall.SpaceTerminate => Calls.SpaceTerminate(thread, a, b),
            KernelCall.SpaceUsage => Calls.SpaceUsage(thread, a, b),
            KernelCall.SpacePopulate => Calls.SpacePopulate(thread, a, b, c),
            KernelCall.SpaceRead => Calls.SpaceRead(thread, a, b, c),
            KernelCall.SpaceReadRegisters => Calls.SpaceReadRegisters(thread, a, b),
            KernelCall.SpaceOffer => Calls.SpaceOffer(thread, a, b, c, d),
            KernelCall.SpaceRepeat => Calls.SpaceRepeat(thread, a, b, c, d, e),
            KernelCall.SpaceCopy => Calls.SpaceCopy(thread, a, b, c, d, e),
            KernelCall.ThreadReserve => Calls.ThreadReserve(thread, a),
            KernelCall.ThreadRelease => Calls.ThreadRelease(thread, a, b),
            KernelCall.ThreadCreate => Calls.ThreadCreate(thread, a, b, c, d, e, f),
            KernelCall.ThreadExit => Calls.ThreadExit(thread, a, b),
            KernelCall.ThreadSuspend => Calls.ThreadSuspend(thread, a),
            KernelCall.ThreadResume => Calls.ThreadResume(thread, a),
            KernelCall.ThreadInterrupt => Calls.ThreadInterrupt(thread, a),
            KernelCall.ThreadReadRegisters => Calls.ThreadReadRegisters(thread, a),
            KernelCall.ThreadWriteRegisters => Calls.ThreadWriteRegisters(thread, a),
            KernelCall.ThreadSetPriority => Calls.ThreadSetPriority(thread, a, b),
            KernelCall.ThreadSetAffinity => Calls.ThreadSetAffinity(thread, a, b),
            KernelCall.ThreadYield => Calls.ThreadYield(cpu),
            KernelCall.ThreadSelf => (long)thread->Fields.BlockAddress,
            KernelCall.ThreadUsage => Calls.ThreadUsage(thread, a),
            KernelCall.ThreadSlotInUse => Calls.ThreadSlotInUse(thread, a),
            KernelCall.ThreadInterruptSlot => Calls.ThreadInterruptSlot(thread, a),
            KernelCall.NotificationCreate => Calls.NotificationCreate(thread, a),
            KernelCall.NotificationSignal => Calls.NotificationSignal(thread, a, b),
            KernelCall.NotificationWait => Calls.NotificationWait(thread, a, b, (WaitFlags)c),
            KernelCall.SignalAndWait => Calls.SignalAndWait(cpu, thread, a, b, c, d, (WaitFlags)e),
            KernelCall.TimerSet => Calls.TimerSet(thread, a, b, c, d),
            KernelCall.WordWait => Calls.WordWait(thread, a, b, c, (WaitFlags)d, e),
            KernelCall.WordWake => Calls.WordWake(thread, a, b, c),
            KernelCall.WordRequeue => Calls.WordRequeue(thread, a, b, c, d, e, f),
            KernelCall.WordWaitMany => Calls.WordWaitMany(thread, a, b, (WaitFlags)c),
            KernelCall.WordWatch => Calls.WordWatch(thread, a, b, c),
            KernelCall.EndpointCall => Calls.EndpointCall(cpu, thread, a, b, (WaitFlags)c),
            KernelCall.EndpointReplyAndReceive => Calls.EndpointReplyAndReceive(cpu, thread, a, b, c, (WaitFlags)d),
            KernelCall.EndpointCreate => Calls.EndpointCreate(thread, a),
            KernelCall.EndpointReceive => Calls.EndpointReceive(thread, a, b, (WaitFlags)c),
            KernelCall.EndpointReply => Calls.EndpointReply(thread, a),
            KernelCall.EndpointBind => Calls.EndpointBind(thread, a, b, c),
            KernelCall.InterruptCreate => Calls.InterruptCreate(thread, a, b, c, d),
            KernelCall.InterruptAcknowledge => Calls.InterruptAcknowledge(thread, a),
            KernelCall.IoPortsCreate => Calls.IoPortsCreate(thread, a, b, c),
            KernelCall.PortRead => Calls.PortRead(thread, a, b, c),
            KernelCall.PortWrite => Calls.PortWrite(thread, a, b, c, d),
            KernelCall.PortWriteBytes => Calls.PortWriteBytes(thread, a, b, c),
            KernelCall.PortReadWhile => Calls.PortReadWhile(thread, a, b, c, d),
            KernelCall.PortQuery => Calls.PortQuery(thread, a),
            KernelCall.InterruptCreateMessage => Calls.InterruptCreateMessage(thread, a, b, c, d),
            KernelCall.DmaDomainCreate => Calls.DmaDomainCreate(thread, a, b, c),
            KernelCall.DmaPin => Calls.DmaPin(thread, a, b, c, d),
            KernelCall.DmaUnpin => Calls.DmaUnpin(thread, a, b),
            KernelCall.DmaQuery => Calls.DmaQuery(thread, a),
            KernelCall.DmaFaults => Calls.DmaFaults(thread, a, b),
            KernelCall.DmaFault => Calls.DmaFault(thread, a),
            _ => (long)KernelStatus.UnknownCall,
        };
        if (result > CallResult.Done)
        {
            // Whatever its result is: what a call has half done is never another one's to go on with.
            Thread.Unfinish(thread);
            if (result == (long)KernelStatus.NoMemory && reaping && awaited == 0)
            {
                // What is queued for destruction may be just what is missing: the call is made once more when that is free. (Not before: a long call
                // would take memory faster than the steps between its own give back.)
                awaited = Reaper.Queued;
                result = CallResult.Restart;
            }
        }
        if (result == CallResult.Restart)
        {
            thread->AwaitedReaping = awaited;
            Entry.Rewind(frame);
            result = CallResult.Done;
        }
        if (memory)
            Clock.AccountSystem(cpu);
        return result;
    }
}
