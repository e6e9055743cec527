using Iced.Intel;
using Microkernel.Image.Elf;
using static Iced.Intel.AssemblerRegisters;

namespace Microkernel.Image.Generate.Kernel;

/// <summary>
/// Whole pages and runs of words. Single moves rather than repeated string instructions, which under emulation cost more for each word. A page takes an eighth
/// of the instructions by vector registers; these hold the user's values, so a stub keeps the few that it uses on its stack and puts them back.
/// </summary>
internal static class MemoryStubs
{
    /// <summary>Which registers pages may be moved with, as far as they are enabled: a word that <c>xcr0_write</c> sets.</summary>
    public const string Registers = "page_registers";

    /// <summary>The same for copies.</summary>
    public const string CopyRegisters = "page_copy_registers";

    /// <summary>The general ones; before vector state is enabled.</summary>
    public const int General = 0;

    /// <summary>xmm.</summary>
    public const int Narrow = 1;

    /// <summary>ymm. Not beside AVX-512: a write to ymm clears what the user has above it in zmm (SDM vol. 1 §15.5), and that is not kept.</summary>
    public const int Wide = 2;

    private const int PageLength = 4096;

    // Moves of a round: enough to make the three instructions around them small.
    private const int Unrolled = 16;

    // Registers that a copy uses: loads run ahead of stores.
    private const int Copied = 4;

    private const int NarrowBytes = 16, WideBytes = 32;

    public static void Emit(ObjectFile o)
    {
        o.Bss.Align(4);
        o.Define(Registers, o.Bss, o.Bss.Reserve(sizeof(uint)));
        o.Define(CopyRegisters, o.Bss, o.Bss.Reserve(sizeof(uint)));
        Page(o, "page_zero", Registers, a =>
        {
            a.xor(eax, eax);
            Rounds(a, 8, offset => a.mov(__qword_ptr[rdi + offset], rax), copies: false);
        }, ZeroNarrow, ZeroWide);
        // (destination, source)
        Page(o, "page_copy", CopyRegisters, CopyGeneral, CopyNarrow, CopyWide);
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

    // One body for each kind of registers.
    private static void Page(
        ObjectFile o, string name, string registers, Action<Assembler> general, Action<Assembler> narrow, Action<Assembler> wide) => o.Function(name, a =>
    {
        Label byNarrow = a.CreateLabel(), byWide = a.CreateLabel();
        a.LoadAddress(rax, o.Address(registers));
        a.cmp(__dword_ptr[rax], Narrow);
        a.je(byNarrow);
        a.ja(byWide);
        general(a);
        a.ret();
        a.Label(ref byNarrow);
        narrow(a);
        a.ret();
        a.Label(ref byWide);
        wide(a);
        a.ret();
    }, usesVectors: true);

    private static void ZeroNarrow(Assembler a)
    {
        a.sub(rsp, NarrowBytes);
        a.movdqu(__xmmword_ptr[rsp], xmm0);
        a.pxor(xmm0, xmm0);
        Rounds(a, NarrowBytes, offset => a.movdqa(__xmmword_ptr[rdi + offset], xmm0), copies: false);
        a.movdqu(xmm0, __xmmword_ptr[rsp]);
        a.add(rsp, NarrowBytes);
    }

    private static void ZeroWide(Assembler a)
    {
        a.sub(rsp, WideBytes);
        a.vmovdqu(__ymmword_ptr[rsp], ymm0);
        a.vpxor(xmm0, xmm0, xmm0);
        Rounds(a, WideBytes, offset => a.vmovdqa(__ymmword_ptr[rdi + offset], ymm0), copies: false);
        a.vmovdqu(ymm0, __ymmword_ptr[rsp]);
        a.add(rsp, WideBytes);
    }

    // Half the instructions of loads and stores. Not repeated by a prefix: see above.
    private static void CopyGeneral(Assembler a)
    {
        Label again = a.CreateLabel();
        a.lea(rcx, __[rdi + PageLength]);
        a.Label(ref again);
        for (int i = 0; i < Unrolled; i++)
            a.movsq();
        a.cmp(rdi, rcx);
        a.jne(again);
    }

    private static void CopyNarrow(Assembler a)
    {
        AssemblerRegisterXMM[] registers = [xmm0, xmm1, xmm2, xmm3];
        Copy(a, NarrowBytes, (i, memory) => a.movdqu(registers[i], memory), (memory, i) => a.movdqu(memory, registers[i]));
    }

    private static void CopyWide(Assembler a)
    {
        AssemblerRegisterYMM[] registers = [ymm0, ymm1, ymm2, ymm3];
        Copy(a, WideBytes, (i, memory) => a.vmovdqu(registers[i], memory), (memory, i) => a.vmovdqu(memory, registers[i]));
    }

    private static void Copy(Assembler a, int width, Action<int, AssemblerMemoryOperand> load, Action<AssemblerMemoryOperand, int> store)
    {
        void Each(Action<int> action)
        {
            for (int i = 0; i < Copied; i++)
                action(i);
        }

        a.sub(rsp, Copied * width);
        Each(i => store(__[rsp + i * width], i));
        Rounds(a, Copied * width, offset =>
        {
            Each(i => load(i, __[rsi + offset + i * width]));
            Each(i => store(__[rdi + offset + i * width], i));
        }, copies: true, Unrolled / Copied);
        Each(i => load(i, __[rsp + i * width]));
        a.add(rsp, Copied * width);
    }

    // The whole page at rdi, and of a copy the one at rsi, in moves of so many bytes.
    private static void Rounds(Assembler a, int bytes, Action<int> move, bool copies, int moves = Unrolled)
    {
        Label again = a.CreateLabel();
        a.lea(rcx, __[rdi + PageLength]);
        a.Label(ref again);
        for (int i = 0; i < moves; i++)
            move(bytes * i);
        if (copies)
            a.add(rsi, bytes * moves);
        a.add(rdi, bytes * moves);
        a.cmp(rdi, rcx);
        a.jne(again);
    }
}
