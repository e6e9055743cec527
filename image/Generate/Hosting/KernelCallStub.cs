using Libsys.Abi;
using Microkernel.Image.Elf;
using static Iced.Intel.AssemblerRegisters;

namespace Microkernel.Image.Generate.Hosting;

/// <summary>A kernel call from code that is not the personality: servers, and programs that go past theirs.</summary>
internal static class KernelCallStub
{
    public static void Emit(ObjectFile o)
    {
        // long kernel_call(number, a0 .. a5), System V. The gate is at a fixed address of every address space; it returns to our caller.
        o.Function("kernel_call", a =>
        {
            a.mov(eax, edi);
            a.mov(rdi, rsi);
            a.mov(rsi, rdx);
            a.mov(rdx, rcx);
            a.mov(rcx, r8);
            a.mov(r8, r9);
            a.mov(r9, __qword_ptr[rsp + 8]);
            a.mov(r11, Window.Gate);
            a.jmp(r11);
        });
    }
}
