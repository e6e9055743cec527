using Iced.Intel;
using Microkernel.Image.Elf;
using static Iced.Intel.AssemblerRegisters;

namespace Microkernel.Image.Generate.Kernel;

/// <summary>
/// Whole pages and runs of words. Unrolled plain moves: under emulation a string instruction costs more for each word, and vector registers are the user's.
/// </summary>
internal static class MemoryStubs
{
    private const int PageLength = 4096;
    private const int Unrolled = 16;

    public static void Emit(ObjectFile o)
    {
        o.Function("page_zero", a =>
        {
            Label again = a.CreateLabel();
            a.xor(eax, eax);
            a.lea(rcx, __[rdi + PageLength]);
            a.Label(ref again);
            for (int i = 0; i < Unrolled; i++)
                a.mov(__qword_ptr[rdi + 8 * i], rax);
            a.add(rdi, 8 * Unrolled);
            a.cmp(rdi, rcx);
            a.jne(again);
            a.ret();
        });
        // (destination, source)
        o.Function("page_copy", a =>
        {
            Label again = a.CreateLabel();
            a.lea(rcx, __[rdi + PageLength]);
            a.Label(ref again);
            for (int i = 0; i < Unrolled; i += 2)
            {
                a.mov(rax, __qword_ptr[rsi + 8 * i]);
                a.mov(rdx, __qword_ptr[rsi + 8 * i + 8]);
                a.mov(__qword_ptr[rdi + 8 * i], rax);
                a.mov(__qword_ptr[rdi + 8 * i + 8], rdx);
            }
            a.add(rsi, 8 * Unrolled);
            a.add(rdi, 8 * Unrolled);
            a.cmp(rdi, rcx);
            a.jne(again);
            a.ret();
        });
        // (start, bytes)
        o.Function("words_zero", a =>
        {
            a.mov(rcx, rsi);
            a.shr(rcx, 3);
            a.xor(eax, eax);
            a.rep.stosq();
            a.ret();
        });
        // (destination, source, bytes)
        o.Function("words_copy", a =>
        {
            a.mov(rcx, rdx);
            a.shr(rcx, 3);
            a.rep.movsq();
            a.ret();
        });
    }
}
