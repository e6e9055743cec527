using Libsys.Abi;
using Microkernel.Image.Elf;
using static Iced.Intel.AssemblerRegisters;

namespace Microkernel.Image.Generate.Hosting;

/// <summary>What a server on full .NET links in: kernel calls and the clock.</summary>
internal static class HostingStubs
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

        // ulong time_stamp(): C# has no name for rdtsc (SDM vol. 2), and the clock of the kernel page counts its ticks.
        o.Function("time_stamp", a =>
        {
            a.rdtsc();
            a.shl(rdx, 32);
            a.or(rax, rdx);
            a.ret();
        });
    }
}
