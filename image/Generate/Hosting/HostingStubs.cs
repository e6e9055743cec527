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
    }
}
