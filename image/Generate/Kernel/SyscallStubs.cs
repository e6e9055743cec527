using Iced.Intel;
using Libsys.Abi;
using Microkernel.Image.Elf;
using Microkernel.Layout;
using static Iced.Intel.AssemblerRegisters;

namespace Microkernel.Image.Generate.Kernel;

/// <summary>
/// The <c>syscall</c> entry, reflection, and the way back to ring 3. The user's registers live in the current thread's frame; there is one kernel
/// stack a CPU, which is empty whenever ring 3 runs. Interrupts are off throughout.
/// </summary>
internal static class SyscallStubs
{
    // In the order in which they lie below RegisterFrame.R11, from the last pushed (lowest) on.
    private static readonly AssemblerRegister64[] Lower = [r15, r14, r13, r12, rbp, rbx, r9, r8, r10, rdx, rsi, rdi, rax];

    private const int InitialFlags = 0x202;

    private static AssemblerMemoryOperand CpuField(string field) => __qword_ptr.gs[Offsets.Cpu(field)];

    public static void Emit(ObjectFile o)
    {
        o.Function("syscall_entry", a => EmitEntry(o, a));
        o.Function("return_to_user", EmitReturn);
        // (stack top, function): leaves the present stack for good.
        o.Function("enter_on_stack", a =>
        {
            a.mov(rsp, rdi);
            a.xor(ebp, ebp);
            a.call(rsi);
            a.ud2();
        });
    }

    private static void EmitEntry(ObjectFile o, Assembler a)
    {
        Label notGate = a.CreateLabel(), stray = a.CreateLabel();
        a.swapgs();
        a.mov(CpuField(nameof(CpuFields.UserStack)), rsp);
        a.cmp(rcx, CpuField(nameof(CpuFields.GateReturn)));
        a.jne(notGate);
        SaveAndCall(o, a, "kernel_call_entry");

        // Not the gate's: below the window it is a program's, and goes to its personality without touching the kernel's state. No lock.
        a.Label(ref notGate);
        a.cmp(rcx, CpuField(nameof(CpuFields.WindowBase)));
        a.jae(stray);
        a.mov(rsp, CpuField(nameof(CpuFields.Current)));
        a.mov(rsp, __qword_ptr[rsp + Offsets.Thread(nameof(ThreadFields.BlockAlias))]);
        int frame = Offsets.Block(nameof(ThreadBlock.Frame));
        for (int i = 0; i < Lower.Length; i++)
            a.mov(__qword_ptr[rsp + frame + 8 * i], Lower[i]);
        void Store(string register, AssemblerRegister64 value) => a.mov(__qword_ptr[rsp + frame + Offsets.Frame(register)], value);
        void Set(string register, int value) => a.mov(__qword_ptr[rsp + frame + Offsets.Frame(register)], value);
        Store(nameof(RegisterFrame.R11), r11);
        Store(nameof(RegisterFrame.Rcx), rcx);
        Store(nameof(RegisterFrame.Rip), rcx);
        Store(nameof(RegisterFrame.Rflags), r11);
        a.mov(rdi, CpuField(nameof(CpuFields.UserStack)));
        Store(nameof(RegisterFrame.Rsp), rdi);
        Set(nameof(RegisterFrame.Vector), 0);
        Set(nameof(RegisterFrame.Error), 0);
        Set(nameof(RegisterFrame.Cs), Selectors.UserCode);
        Set(nameof(RegisterFrame.Ss), Selectors.UserData);
        a.mov(__dword_ptr[rsp + Offsets.Block(nameof(ThreadBlock.Kind))], (int)EntryKind.Reflected);
        a.mov(rdi, CpuField(nameof(CpuFields.Current)));
        a.mov(rsp, __qword_ptr[rdi + Offsets.Thread(nameof(ThreadFields.StackTop))]);
        a.mov(rdi, __qword_ptr[rdi + Offsets.Thread(nameof(ThreadFields.BlockAddress))]);
        a.mov(rcx, CpuField(nameof(CpuFields.PersonalityEntry)));
        a.mov(r11d, InitialFlags);
        a.swapgs();
        a.sysretq();

        a.Label(ref stray);
        SaveAndCall(o, a, "stray_syscall_entry");
    }

    // Stores the registers in the current thread's frame and calls (cpu) on the CPU's kernel stack.
    private static void SaveAndCall(ObjectFile o, Assembler a, string function)
    {
        int r11Offset = Offsets.Frame(nameof(RegisterFrame.R11));
        a.mov(rsp, CpuField(nameof(CpuFields.Current)));
        a.add(rsp, Offsets.ThreadFrame(nameof(RegisterFrame.R11)));
        a.mov(__qword_ptr[rsp + (Offsets.Frame(nameof(RegisterFrame.Rip)) - r11Offset)], rcx);
        a.mov(__qword_ptr[rsp + (Offsets.Frame(nameof(RegisterFrame.Rflags)) - r11Offset)], r11);
        a.mov(__qword_ptr[rsp + (Offsets.Frame(nameof(RegisterFrame.Vector)) - r11Offset)], 0);
        foreach (AssemblerRegister64 register in Lower.Reverse())
            a.push(register);
        a.mov(rax, CpuField(nameof(CpuFields.UserStack)));
        a.mov(__qword_ptr[rsp + Offsets.Frame(nameof(RegisterFrame.Rsp))], rax);
        a.mov(rsp, CpuField(nameof(CpuFields.KernelStack)));
        a.mov(rdi, CpuField(nameof(CpuFields.Self)));
        // Ends the chain of frame pointers.
        a.xor(ebp, ebp);
        a.call(o.Address(function));
        a.jmp(o.Address("return_to_user"));
    }

    private static void EmitReturn(Assembler a)
    {
        Label full = a.CreateLabel();
        int r11Offset = Offsets.Frame(nameof(RegisterFrame.R11));
        a.mov(rsp, CpuField(nameof(CpuFields.Current)));
        a.add(rsp, Offsets.Thread(nameof(ThreadFields.Frame)));
        foreach (AssemblerRegister64 register in Lower)
            a.pop(register);
        a.cmp(__qword_ptr[rsp + (Offsets.Frame(nameof(RegisterFrame.Vector)) - r11Offset)], 0);
        a.jne(full);
        // sysret faults in ring 0 if rcx is not canonical (SDM vol. 2): here it is always the gate's return address.
        a.mov(rcx, __qword_ptr[rsp + (Offsets.Frame(nameof(RegisterFrame.Rip)) - r11Offset)]);
        a.mov(r11, __qword_ptr[rsp + (Offsets.Frame(nameof(RegisterFrame.Rflags)) - r11Offset)]);
        a.mov(rsp, __qword_ptr[rsp + (Offsets.Frame(nameof(RegisterFrame.Rsp)) - r11Offset)]);
        a.swapgs();
        a.sysretq();
        a.Label(ref full);
        a.pop(r11);
        a.pop(rcx);
        // Vector and error code.
        a.add(rsp, 16);
        a.swapgs();
        a.iretq();
    }
}
