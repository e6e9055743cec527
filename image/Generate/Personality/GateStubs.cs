using Libsys.Abi;
using Microkernel.Image.Elf;
using static Iced.Intel.AssemblerRegisters;

namespace Microkernel.Image.Generate.Personality;

/// <summary>The gate, the one place where <c>syscall</c> means a kernel call, and a stub for each kernel call that C# makes.</summary>
internal static class GateStubs
{
    public static void Emit(ObjectFile o)
    {
        // The linker script puts this section at Window.Gate.
        Section gate = o.AddSection(".personality.gate", SectionType.ProgramBits, SectionFlags.Allocate | SectionFlags.Execute, 16);
        o.Function("gate", gate, a =>
        {
            // The fourth argument: syscall overwrites rcx.
            a.mov(r10, rcx);
            a.syscall();
            a.Mark("gate_return");
            a.ret();
        });

        // Arguments are already where the gate wants them: C# calls these with the System V registers.
        foreach (KernelCall call in Enum.GetValues<KernelCall>())
        {
            o.Function($"kernel_{call}", a =>
            {
                a.mov(eax, (uint)call);
                a.jmp(o.Address("gate"));
            });
        }
    }
}
