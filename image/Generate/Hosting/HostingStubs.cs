using Microkernel.Image.Elf;
using static Iced.Intel.AssemblerRegisters;

namespace Microkernel.Image.Generate.Hosting;

/// <summary>What a server on full .NET links in: kernel calls and the clock.</summary>
internal static class HostingStubs
{
    public static void Emit(ObjectFile o)
    {
        KernelCallStub.Emit(o);

        // ulong time_stamp(): C# has no name for rdtsc (SDM vol. 2), and the clock of the kernel page counts its ticks.
        o.Function("time_stamp", a =>
        {
            a.rdtsc();
            a.shl(rdx, 32);
            a.or(rax, rdx);
            a.ret();
        });

        // void compare_exchange128(address, expected and then found, first desired, second desired): CMPXCHG16B (SDM vol. 2), which C# has no name for either.
        o.Function("compare_exchange128", a =>
        {
            a.mov(r8, rbx);
            a.mov(rbx, rdx);
            a.mov(rax, __qword_ptr[rsi]);
            a.mov(rdx, __qword_ptr[rsi + 8]);
            a.@lock.cmpxchg16b(__xmmword_ptr[rdi]);
            a.mov(__qword_ptr[rsi], rax);
            a.mov(__qword_ptr[rsi + 8], rdx);
            a.mov(rbx, r8);
            a.ret();
        });
    }
}
