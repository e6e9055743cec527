using Iced.Intel;
using Microkernel.Image.Elf;
using Microkernel.Layout;
using static Iced.Intel.AssemblerRegisters;

namespace Microkernel.Image.Generate.Kernel;

/// <summary>
/// Start-up code of application CPUs, copied by the kernel to <see cref="TrampolineData.CodeAddress"/>: a start-up IPI begins in real mode there
/// (SDM vol. 3 §8.4.4), and it goes straight to long mode.
/// </summary>
internal static class TrampolineStubs
{
    private const uint Cr4PaePgeOsFxsrOsXmmExcept = 0x6a0;
    private const uint MsrEfer = 0xC000_0080, EferSyscallLongModeNoExecute = 0x901;
    private const uint Cr0PagingWriteProtect = 0x8001_0003, Cr0Keep = 0x9fff_fffb;
    private const ulong LongModeOffset = 0x100;
    private const byte Halt = 0xf4;

    public static void Emit(ObjectFile o)
    {
        using var code = new MemoryStream();
        RealMode(code);
        while (code.Length < (long)LongModeOffset)
            code.WriteByte(Halt);
        LongMode(code);
        // Data, not a function of the kernel's: it runs elsewhere, at an address of its own.
        o.ReadOnlyData.Align(16);
        o.DefineHere("ap_trampoline", o.ReadOnlyData);
        o.ReadOnlyData.Bytes(code.ToArray());
        o.ReadOnlyData.Align(8);
        o.DefineHere("ap_trampoline_end", o.ReadOnlyData);
    }

    private static ulong Field(string name) => TrampolineData.DataAddress + (ulong)Layout.OffsetOf<TrampolineData>(name);

    private static void RealMode(Stream output)
    {
        var a = new Assembler(16);
        a.cli();
        a.xor(eax, eax);
        a.mov(ds, ax);
        a.mov(eax, cr4);
        a.or(eax, Cr4PaePgeOsFxsrOsXmmExcept);
        a.mov(cr4, eax);
        a.mov(eax, __dword_ptr[(ushort)Field(nameof(TrampolineData.PageTables))]);
        a.mov(cr3, eax);
        a.mov(ecx, MsrEfer);
        a.rdmsr();
        a.or(eax, EferSyscallLongModeNoExecute);
        a.wrmsr();
        a.mov(eax, cr0);
        a.and(eax, unchecked((int)Cr0Keep));
        a.or(eax, unchecked((int)Cr0PagingWriteProtect));
        a.AddInstruction(Instruction.Create(Code.Lgdt_m1632, new MemoryOperand(Register.None, (long)Field(nameof(TrampolineData.GdtPointer)), 2)));
        a.mov(cr0, eax);
        a.AddInstruction(Instruction.CreateBranch(Code.Jmp_ptr1632, Selectors.KernelCode, (uint)(TrampolineData.CodeAddress + LongModeOffset)));
        a.Assemble(new StreamCodeWriter(output), TrampolineData.CodeAddress);
    }

    private static void LongMode(Stream output)
    {
        var a = new Assembler(64);
        a.mov(eax, Selectors.KernelData);
        a.mov(ss, eax);
        a.mov(ds, eax);
        a.mov(es, eax);
        a.mov(rsp, __qword_ptr[Field(nameof(TrampolineData.Stack))]);
        a.mov(rdi, __qword_ptr[Field(nameof(TrampolineData.Argument))]);
        // Ends the chain of frame pointers.
        a.xor(ebp, ebp);
        a.call(__qword_ptr[Field(nameof(TrampolineData.Entry))]);
        a.hlt();
        a.Assemble(new StreamCodeWriter(output), TrampolineData.CodeAddress + LongModeOffset);
    }
}
