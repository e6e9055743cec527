using Iced.Intel;
using Libsys.Abi;
using Microkernel.Image.Elf;
using static Iced.Intel.AssemblerRegisters;

namespace Microkernel.Image.Generate.Personality;

/// <summary>
/// The way of a reflected call from the kernel to its handler and back to the program: one function, in one page, since an emulator looks up the code behind
/// each call and return that leaves a page. Entered as <see cref="EntryStubs"/> say; ends with <see cref="ExitStub"/>.
/// </summary>
internal static class CallStub
{
    // Second word of TaskState: a signal mask is to be put back.
    private const int HasSavedMask = ThreadBlock.PersonalityOffset + sizeof(uint);

    // RestartCodes.IsRestart in the personality: results from -FirstRestart on, so many and one more.
    private const int FirstRestart = 516, RestartCodes = 4;

    private const int NoSuchCall = -38; // ENOSYS, asm-generic/errno.h

    public static void Emit(ObjectFile o)
    {
        int kind = Layout.OffsetOf<ThreadBlock>(nameof(ThreadBlock.Kind)), result = Layout.OffsetOf<RegisterFrame>(nameof(RegisterFrame.Rax));
        o.Function("reflection_entry", a =>
        {
            Label unknown = a.CreateLabel(), answered = a.CreateLabel();
            a.cmp(__dword_ptr[rdi + kind], (int)EntryKind.Reflected);
            a.jne(o.Address("reflected_event"));
            a.mov(rbx, rdi);
            a.mov(rax, __qword_ptr[rdi + result]);
            a.mov(__dword_ptr[rdi + ExitStub.ExitFull], 0);
            a.cmp(rax, PersonalityHeader.CallTableLength);
            a.jae(unknown);
            a.mov(rsi, rdi); // the registers: the block begins with them
            a.add(rdi, ThreadBlock.PersonalityOffset);
            a.LoadAddress(rcx, o.Address(CallTable.Symbol));
            a.call(__qword_ptr[rcx + rax * 8]);
            a.Label(ref answered);
            a.mov(rdi, rbx);
            a.lea(rcx, __[rax + FirstRestart]);
            a.cmp(rcx, RestartCodes);
            a.jbe(o.Address("reflected_call_end"));
            a.cmp(__dword_ptr[rdi + HasSavedMask], 0);
            a.jne(o.Address("reflected_call_end"));
            a.mov(__qword_ptr[rdi + result], rax);
            ExitStub.EmitWayOut(a, o);
            a.Label(ref unknown);
            a.mov(rax, NoSuchCall);
            a.jmp(answered);
        });

        // (block): a fault or an interrupt.
        o.Function("reflected_event", a =>
        {
            a.mov(rbx, rdi);
            a.call(o.Address("personality_event"));
            a.mov(rdi, rbx);
            a.jmp(o.Address("exit_recheck"));
        });

        // (block in rdi and rbx, result in rax): a call that is restarted, or that changed the signal mask for its time.
        o.Function("reflected_call_end", a =>
        {
            a.mov(rsi, rax);
            a.call(o.Address("personality_call_end"));
            a.mov(rdi, rbx);
            a.jmp(o.Address("exit_recheck"));
        });
    }
}
