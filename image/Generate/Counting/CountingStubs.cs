using Iced.Intel;
using Libsys.Abi;
using Microkernel.Image.Elf;
using Microkernel.Image.Generate.Kernel;
using Microkernel.Layout;
using static Iced.Intel.AssemblerRegisters;

namespace Microkernel.Image.Generate.Counting;

/// <summary>
/// What makes a counting kernel of the product's objects: the linker puts these functions before those that they count (<see cref="Wrapped"/>), so neither
/// object knows of it, and a kernel without them is the same to the byte.
/// </summary>
internal static class CountingStubs
{
    private const string CallEntry = "kernel_call_entry", InterruptEntry = "interrupt_entry", LoadPageTables = "cr3_write", Counters = "kernel_counters";

    /// <summary>The functions that calls from other objects reach through the ones here (<c>--wrap</c> of the linker).</summary>
    public static readonly string[] Wrapped = [CallEntry, InterruptEntry, LoadPageTables];

    public static void Emit(ObjectFile o)
    {
        o.Bss.Align(8);
        o.Define(Counters, o.Bss, o.Bss.Reserve(KernelCounters.Count * sizeof(ulong)));
        EmitCallEntry(o);
        o.Function(Wrapping(InterruptEntry), a =>
        {
            Label skip = a.CreateLabel();
            a.test(__byte_ptr[rdi + Offsets.Frame(nameof(RegisterFrame.Cs))], 3);
            a.je(skip);
            Count(o, a, KernelCounter.Interrupts);
            a.Label(ref skip);
            a.jmp(o.Address(Real(InterruptEntry)));
        });
        o.Function(Wrapping(LoadPageTables), a =>
        {
            // The same tables again are a flush.
            Label skip = a.CreateLabel();
            a.mov(rax, cr3);
            a.cmp(rax, rdi);
            a.je(skip);
            Count(o, a, KernelCounter.SpaceSwitches);
            a.Label(ref skip);
            a.jmp(o.Address(Real(LoadPageTables)));
        });
    }

    private static string Wrapping(string function) => "__wrap_" + function;

    private static string Real(string function) => "__real_" + function;

    // (cpu), with the caller's registers in the current thread's frame. A question for a counter is answered here, in the place of the result.
    private static void EmitCallEntry(ObjectFile o) => o.Function(Wrapping(CallEntry), a =>
    {
        Label question = a.CreateLabel(), noEndpoint = a.CreateLabel();
        a.mov(rcx, __qword_ptr.gs[Offsets.Cpu(nameof(CpuFields.Current))]);
        a.mov(eax, __dword_ptr[rcx + Offsets.ThreadFrame(nameof(RegisterFrame.Rax))]);
        a.lea(edx, __[rax - (int)KernelCounters.FirstCall]);
        a.cmp(edx, KernelCounters.Count);
        a.jb(question);
        Count(o, a, KernelCounter.KernelCalls);
        a.cmp(eax, (int)KernelCall.EndpointCall);
        a.jne(noEndpoint);
        Count(o, a, KernelCounter.EndpointCalls);
        a.Label(ref noEndpoint);
        a.jmp(o.Address(Real(CallEntry)));

        a.Label(ref question);
        a.LoadAddress(rax, o.Address(Counters));
        a.mov(rax, __qword_ptr[rax + rdx * sizeof(ulong)]);
        a.mov(__qword_ptr[rcx + Offsets.ThreadFrame(nameof(RegisterFrame.Rax))], rax);
        a.ret();
    });

    // Locked, since all CPUs count in one place.
    private static void Count(ObjectFile o, Assembler a, KernelCounter counter)
    {
        var place = new MemoryOperand(Register.RIP, (long)o.Address(Counters) + (uint)counter * sizeof(ulong), 8);
        Instruction instruction = Instruction.Create(Code.Inc_rm64, place);
        instruction.HasLockPrefix = true;
        a.AddInstruction(instruction);
    }
}
