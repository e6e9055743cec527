using Iced.Intel;
using Libsys.Abi;
using Microkernel.Image.Elf;
using static Iced.Intel.AssemblerRegisters;

namespace Microkernel.Image.Generate.Personality;

/// <summary>
/// Back to the program, without the kernel: rdi = thread block, rsp = top of the personality stack. Nothing between exit_recheck and exit_end changes the
/// block, so the kernel can send a thread that it interrupts there back to exit_recheck, with rdi and rsp loaded anew: a signal that arrives after the look at
/// the pending flag is seen by the second look. See docs/entry-and-reflection.md.
/// </summary>
internal static class ExitStub
{
    /// <summary>First word of TaskState: every register must come back, rcx and r11 too.</summary>
    public const int ExitFull = ThreadBlock.PersonalityOffset;

    // Interrupts on (the only flag besides the fixed bit 1), nothing else: what C# code runs with.
    private const int CodeFlags = 0x202;

    // CF, PF, AF, ZF and SF, which sahf loads, and what is always so: bit 1, and interrupts on.
    private const int OrdinaryFlags = 0x2D7;

    public static void Emit(ObjectFile o)
    {
        int stackTop = Layout.OffsetOf<ThreadBlock>(nameof(ThreadBlock.StackTop));
        // Flags first: the thread may come from behind popfq, with the program's direction and alignment check flags.
        o.Function("exit_pending", a =>
        {
            a.push(CodeFlags);
            a.popfq();
            a.mov(rbx, rdi);
            a.call(o.Address("personality_pending"));
            a.mov(rdi, rbx);
            a.jmp(o.Address("exit_recheck"));
        });

        // (block): leaves from anywhere in C#, dropping what is on the stack.
        o.Function("leave", a =>
        {
            a.mov(rsp, __qword_ptr[rdi + stackTop]);
            a.jmp(o.Address("exit_recheck"));
        });
    }

    /// <summary>The stub itself: the end of what comes before it in the function, which is what most calls go through.</summary>
    public static void EmitWayOut(Assembler a, ObjectFile o)
    {
        int pending = Layout.OffsetOf<ThreadBlock>(nameof(ThreadBlock.Pending));
        Label full = a.CreateLabel();
        a.Mark("exit_recheck");
        a.cmp(__dword_ptr[rdi + pending], 0);
        a.jne(o.Address("exit_pending"));
        a.cmp(__dword_ptr[rdi + ExitFull], 0);
        a.jne(full);

        // After a call. Linux gives rcx and r11 away (syscall and sysret need them), so rcx can carry the address. The flags come back without popfq, which
        // is microcode, and an end of translated code in an emulator; with overflow, direction or others set, all comes back by the full frame. The
        // comparison clears the overflow flag, and nothing behind sahf changes any.
        a.mov(eax, __dword_ptr[rdi + Layout.OffsetOf<RegisterFrame>(nameof(RegisterFrame.Rflags))]);
        a.test(eax, ~OrdinaryFlags);
        a.jne(full);
        a.mov(ah, al);
        a.sahf();
        PopGeneral(a);
        a.mov(rcx, __qword_ptr[rsp + Behind(nameof(RegisterFrame.Rip))]);
        a.mov(rsp, __qword_ptr[rsp + Behind(nameof(RegisterFrame.Rsp))]);
        a.jmp(rcx);

        a.Label(ref full);
        PopGeneral(a);
        a.pop(rcx);
        a.lea(rsp, __[rsp + 16]); // vector, error
        a.iretq();
        a.Mark("exit_end");
    }

    // From rcx in the frame, where PopGeneral leaves rsp.
    private static int Behind(string register) => Layout.OffsetOf<RegisterFrame>(register) - Layout.OffsetOf<RegisterFrame>(nameof(RegisterFrame.Rcx));

    // From the block, in the order of RegisterFrame: r15 to rax, then r11. rsp is left at rcx.
    private static void PopGeneral(Assembler a)
    {
        a.mov(rsp, rdi);
        foreach (AssemblerRegister64 register in (AssemblerRegister64[])[r15, r14, r13, r12, rbp, rbx, r9, r8, r10, rdx, rsi, rdi, rax, r11])
            a.pop(register);
    }
}
