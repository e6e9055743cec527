using Iced.Intel;
using Microkernel.Image.Elf;

namespace Microkernel.Image.Verify;

/// <summary>The rules for one function. <paramref name="stub"/> is null for compiled code.</summary>
internal sealed class InstructionRules(CodePolicy policy, Symbol? stub)
{
    // Instructions that need ring 0 or I/O privilege, or that UMIP takes from ring 3, beyond those that Iced calls privileged.
    private static readonly HashSet<Mnemonic> Privileged =
    [
        Mnemonic.Cli, Mnemonic.Sti, Mnemonic.Hlt, Mnemonic.In, Mnemonic.Out, Mnemonic.Insb, Mnemonic.Insw, Mnemonic.Insd,
        Mnemonic.Outsb, Mnemonic.Outsw, Mnemonic.Outsd, Mnemonic.Wrmsr, Mnemonic.Rdmsr, Mnemonic.Lgdt, Mnemonic.Lidt, Mnemonic.Lldt,
        Mnemonic.Ltr, Mnemonic.Lmsw, Mnemonic.Clts, Mnemonic.Invd, Mnemonic.Wbinvd, Mnemonic.Wbnoinvd, Mnemonic.Invlpg, Mnemonic.Invpcid,
        Mnemonic.Swapgs, Mnemonic.Sysret, Mnemonic.Sysretq, Mnemonic.Sysexit, Mnemonic.Sysexitq, Mnemonic.Xsetbv, Mnemonic.Monitor,
        Mnemonic.Mwait, Mnemonic.Rdpmc, Mnemonic.Stac, Mnemonic.Clac, Mnemonic.Sgdt, Mnemonic.Sidt, Mnemonic.Sldt, Mnemonic.Str, Mnemonic.Smsw,
    ];

    // Harmless in ring 3, where they are part of the way back to a program, but nothing that a compiler emits.
    private static readonly HashSet<Mnemonic> InterruptReturns =
        [Mnemonic.Iret, Mnemonic.Iretd, Mnemonic.Iretq, Mnemonic.Popf, Mnemonic.Popfd, Mnemonic.Popfq];

    private static readonly HashSet<Mnemonic> KernelEntries = [Mnemonic.Syscall, Mnemonic.Sysenter, Mnemonic.Int, Mnemonic.Int1];

    private readonly InstructionInfoFactory factory = new();

    /// <summary>The rule that an instruction breaks, or null.</summary>
    public string? Broken(in Instruction instruction)
    {
        if (instruction.IsInvalid)
            return "not an instruction";
        if (IsPrivileged(instruction) && !(policy.Privileged && stub is not null))
            return policy.Privileged ? "privileged instruction outside the generated stubs" : "privileged instruction in ring 3";
        if (InterruptReturns.Contains(instruction.Mnemonic) && stub is null)
            return "interrupt return or flags write outside the generated stubs";
        if (KernelEntries.Contains(instruction.Mnemonic) && (stub is null || stub.Name != policy.Gate))
            return "kernel entry outside the gate";

        InstructionInfo info = factory.GetInfo(instruction);
        if (stub is not { UsesVectors: true } && (UsesVector(info) || IsX87(instruction)))
            return "vector or floating-point register outside the stubs that save it";
        if (stub is null && instruction.SegmentPrefix is Register.FS or Register.GS)
            return "thread-local storage: the segment bases belong to others";
        if (stub is null && WritesBelowStack(instruction, info))
            return "write below the stack pointer, where an interrupt may write";
        return null;
    }

    private static bool IsPrivileged(in Instruction instruction)
    {
        if (instruction.IsPrivileged && !InterruptReturns.Contains(instruction.Mnemonic))
            return true;
        if (Privileged.Contains(instruction.Mnemonic))
            return true;
        for (int i = 0; i < instruction.OpCount; i++)
        {
            if (instruction.GetOpKind(i) == OpKind.Register && (instruction.GetOpRegister(i).IsCR() || instruction.GetOpRegister(i).IsDR()))
                return true;
        }
        return false;
    }

    private static bool UsesVector(in InstructionInfo info)
    {
        foreach (UsedRegister used in info.GetUsedRegisters())
        {
            Register register = used.Register;
            if (register.IsVectorRegister() || register.IsK() || register.IsMM() || register.IsST() || register.IsTMM())
                return true;
        }
        return false;
    }

    // The x87 stack is not among the registers that an instruction is said to use.
    private static bool IsX87(in Instruction instruction) =>
        instruction.CpuidFeatures.Any(f => f is CpuidFeature.FPU or CpuidFeature.FPU287 or CpuidFeature.FPU387);

    // Reads there are harmless: they are the compiler's probes of a large frame.
    private static bool WritesBelowStack(in Instruction instruction, in InstructionInfo info)
    {
        for (int i = 0; i < instruction.OpCount; i++)
        {
            if (instruction.GetOpKind(i) == OpKind.Memory && instruction.MemoryBase == Register.RSP && (long)instruction.MemoryDisplacement64 < 0
                && info.GetOpAccess(i) is OpAccess.Write or OpAccess.CondWrite or OpAccess.ReadWrite or OpAccess.ReadCondWrite)
                return true;
        }
        return false;
    }
}
