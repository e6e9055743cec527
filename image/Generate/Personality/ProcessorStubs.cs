using Iced.Intel;
using Microkernel.Image.Elf;
using static Iced.Intel.AssemblerRegisters;

namespace Microkernel.Image.Generate.Personality;

/// <summary>Single instructions: segment bases, time stamp, random numbers, cpuid, a 128-bit product.</summary>
internal static class ProcessorStubs
{
    // rdrand can run dry for a moment; Intel's guide asks for ten tries (DRNG software implementation guide §5.2.1).
    private const int RandomTries = 10;

    public static void Emit(ObjectFile o)
    {
        Leaf(o, "read_fs_base", a => a.rdfsbase(rax));
        Leaf(o, "read_gs_base", a => a.rdgsbase(rax));
        Leaf(o, "write_fs_base", a => a.wrfsbase(rdi));
        Leaf(o, "write_gs_base", a => a.wrgsbase(rdi));
        // Selectors of ring 3, as the kernel's descriptor table has them: for the frame of a fresh program.
        Leaf(o, "read_code_selector", a => a.mov(eax, cs));
        Leaf(o, "read_stack_selector", a => a.mov(eax, ss));
        Leaf(o, "stop", a => a.ud2());
        Leaf(o, "read_time_stamp", a =>
        {
            a.rdtsc();
            a.shl(rdx, 32);
            a.or(rax, rdx);
        });
        // (value, multiplier) → (value * multiplier) >> 32
        Leaf(o, "multiply_shift32", a =>
        {
            a.mov(rax, rdi);
            a.mul(rsi);
            a.shrd(rax, rdx, 32);
        });
        // (result) → 1, or 0 if there was no number
        Leaf(o, "read_random", a =>
        {
            Label again = a.CreateLabel(), found = a.CreateLabel();
            a.mov(ecx, RandomTries);
            a.Label(ref again);
            a.rdrand(rax);
            a.jc(found);
            a.dec(ecx);
            a.jne(again);
            a.xor(eax, eax);
            a.ret();
            a.Label(ref found);
            a.mov(__qword_ptr[rdi], rax);
            a.mov(eax, 1);
        });
        // (leaf, subleaf, result: four 32-bit words)
        Leaf(o, "read_cpuid", a =>
        {
            a.push(rbx);
            a.mov(r8, rdx);
            a.mov(eax, edi);
            a.mov(ecx, esi);
            a.cpuid();
            a.mov(__dword_ptr[r8], eax);
            a.mov(__dword_ptr[r8 + 4], ebx);
            a.mov(__dword_ptr[r8 + 8], ecx);
            a.mov(__dword_ptr[r8 + 12], edx);
            a.pop(rbx);
        });
    }

    private static void Leaf(ObjectFile o, string symbol, Action<Assembler> body) => o.Function(symbol, a =>
    {
        body(a);
        a.ret();
    });
}
