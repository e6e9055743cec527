using Iced.Intel;
using Microkernel.Image.Elf;
using static Iced.Intel.AssemblerRegisters;

namespace Microkernel.Image.Generate.Personality;

/// <summary>
/// Fork: the child's thread starts at fork_entry on a copy of the parent's personality stack, inside the call of context_save that returned 0 in the parent,
/// and returns 1 from it. The saved words are the first of ForkContext: rbx, rbp, r12 to r15, rsp, rip.
/// </summary>
internal static class ContextStubs
{
    private static readonly AssemblerRegister64[] Kept = [rbx, rbp, r12, r13, r14, r15];

    private const int StackPointer = 6 * 8, InstructionPointer = 7 * 8;

    public static void Emit(ObjectFile o)
    {
        o.Function("context_save", a =>
        {
            for (int i = 0; i < Kept.Length; i++)
                a.mov(__qword_ptr[rdi + i * 8], Kept[i]);
            a.lea(rax, __[rsp + 8]);
            a.mov(__qword_ptr[rdi + StackPointer], rax);
            a.mov(rax, __qword_ptr[rsp]);
            a.mov(__qword_ptr[rdi + InstructionPointer], rax);
            a.xor(eax, eax);
            a.ret();
        });

        // rdi = block, rsi = context.
        o.Function("fork_entry", a =>
        {
            for (int i = 0; i < Kept.Length; i++)
                a.mov(Kept[i], __qword_ptr[rsi + i * 8]);
            a.mov(rsp, __qword_ptr[rsi + StackPointer]);
            a.mov(eax, 1);
            a.jmp(__qword_ptr[rsi + InstructionPointer]);
        });
    }
}
