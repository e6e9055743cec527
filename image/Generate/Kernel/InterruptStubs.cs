using Iced.Intel;
using Libsys.Abi;
using Microkernel.Image.Elf;
using Microkernel.Layout;
using static Iced.Intel.AssemblerRegisters;

namespace Microkernel.Image.Generate.Kernel;

/// <summary>
/// Interrupt and exception entries. From ring 3 the CPU pushes into the current thread's frame (TSS.rsp0 is its end), and the stub completes it
/// there; from ring 0, which only an idle CPU allows, the frame lies on the kernel stack.
/// </summary>
internal static class InterruptStubs
{
    private const int Count = 256;
    private const int Debug = 1, NonMaskable = 2, DoubleFault = 8, MachineCheck = 18;

    // SDM vol. 3 table 6-1: these push an error code.
    private static bool HasErrorCode(int vector) => vector is 8 or 10 or 11 or 12 or 13 or 14 or 17 or 21 or 29 or 30;

    private static readonly AssemblerRegister64[] Pushed = [rcx, r11, rax, rdi, rsi, rdx, r10, r8, r9, rbx, rbp, r12, r13, r14, r15];

    private static AssemblerMemoryOperand CpuField(string field) => __qword_ptr.gs[Offsets.Cpu(field)];

    public static void Emit(ObjectFile o)
    {
        // Behind all other code: 4 KiB of entries in the midst of what calls run would be a page of its own for each of its neighbours.
        Section entries = o.AddSection(".text.interrupts", SectionType.ProgramBits, SectionFlags.Allocate | SectionFlags.Execute, 16);
        EmitCommon(o);
        EmitDebug(o);
        // Nothing here sends NMIs, and a stray one must not be taken for more than it is.
        o.Function(Name(NonMaskable), a => a.iretq());
        EmitFatal(o, DoubleFault);
        EmitFatal(o, MachineCheck);
        for (int vector = 0; vector < Count; vector++)
        {
            if (vector is Debug or NonMaskable or DoubleFault or MachineCheck)
                continue;
            int number = vector;
            o.Function(Name(vector), entries, a =>
            {
                if (!HasErrorCode(number))
                    a.push(0);
                a.push(number + 1);
                a.jmp(o.Address("interrupt_common"));
            });
        }
        o.ReadOnlyData.Align(8);
        o.DefineHere("interrupt_entries", o.ReadOnlyData);
        for (int vector = 0; vector < Count; vector++)
            o.ReadOnlyData.Pointer64(Name(vector));
    }

    private static string Name(int vector) => $"interrupt_{vector}";

    private static void EmitCommon(ObjectFile o) => o.Function("interrupt_common", a =>
    {
        Label fromKernel = a.CreateLabel(), noSmap = a.CreateLabel();
        foreach (AssemblerRegister64 register in Pushed)
            a.push(register);
        a.cld();
        a.mov(rdi, rsp);
        a.test(__byte_ptr[rsp + Offsets.Frame(nameof(RegisterFrame.Cs))], 3);
        a.je(fromKernel);
        a.swapgs();
        // An interrupt gate leaves AC as ring 3 had it, and AC suspends SMAP.
        a.cmp(CpuField(nameof(CpuFields.HasSmap)), 0);
        a.je(noSmap);
        a.clac();
        a.Label(ref noSmap);
        a.mov(rsp, CpuField(nameof(CpuFields.KernelStack)));
        // Ends the chain of frame pointers.
        a.xor(ebp, ebp);
        a.call(o.Address("interrupt_entry"));
        a.jmp(o.Address("return_to_user"));

        a.Label(ref fromKernel);
        a.mov(rbx, rsp);
        a.and(rsp, -16);
        a.call(o.Address("interrupt_entry"));
        a.mov(rsp, rbx);
        foreach (AssemblerRegister64 register in Pushed.Reverse())
            a.pop(register);
        a.add(rsp, 16);
        a.iretq();
    });

    // On a stack of its own, because a debug exception can be delayed into the first instruction of the syscall entry. That one is no one's: ignored.
    private static void EmitDebug(ObjectFile o) => o.Function(Name(Debug), a =>
    {
        Label fromKernel = a.CreateLabel();
        a.test(__byte_ptr[rsp + 8], 3);
        a.je(fromKernel);
        a.swapgs();
        a.push(rax);
        a.push(rbx);
        a.mov(rax, CpuField(nameof(CpuFields.Current)));
        // rip, cs, rflags, rsp, ss lie above the two registers.
        string[] pushedByCpu = [nameof(RegisterFrame.Rip), nameof(RegisterFrame.Cs), nameof(RegisterFrame.Rflags), nameof(RegisterFrame.Rsp),
            nameof(RegisterFrame.Ss)];
        for (int i = 0; i < pushedByCpu.Length; i++)
        {
            a.mov(rbx, __qword_ptr[rsp + 16 + 8 * i]);
            a.mov(__qword_ptr[rax + Offsets.ThreadFrame(pushedByCpu[i])], rbx);
        }
        a.mov(__qword_ptr[rax + Offsets.ThreadFrame(nameof(RegisterFrame.Error))], 0);
        a.mov(__qword_ptr[rax + Offsets.ThreadFrame(nameof(RegisterFrame.Vector))], Debug + 1);
        a.pop(rbx);
        a.pop(rax);
        a.mov(rsp, CpuField(nameof(CpuFields.Current)));
        a.lea(rsp, __[rsp + Offsets.ThreadFrame(nameof(RegisterFrame.Vector))]);
        // The common part swaps itself.
        a.swapgs();
        a.jmp(o.Address("interrupt_common"));
        a.Label(ref fromKernel);
        a.iretq();
    });

    private static void EmitFatal(ObjectFile o, int vector) => o.Function(Name(vector), a =>
    {
        if (!HasErrorCode(vector))
            a.push(0);
        a.push(vector + 1);
        foreach (AssemblerRegister64 register in Pushed)
            a.push(register);
        a.cld();
        a.mov(rdi, rsp);
        a.and(rsp, -16);
        a.call(o.Address("fatal_exception_entry"));
        a.ud2();
    });
}
