using Iced.Intel;
using Microkernel.Image.Elf;
using Microkernel.Layout;
using static Iced.Intel.AssemblerRegisters;

namespace Microkernel.Image.Generate.Kernel;

/// <summary>Control, model-specific and segment-base registers, FPU state, time, halting.</summary>
internal static class RegisterStubs
{
    // State components of XCR0: SSE, AVX; and the three of AVX-512.
    private const int SseAndAvx = 0x6, AllVectors = 0xe6;

    // XSTATE_BV of an XSAVE area (SDM vol. 1 §13.4.2).
    private const int UsedComponents = 512;

    public static void Emit(ObjectFile o)
    {
        Control(o);
        Descriptors(o);
        UserState(o);
        Time(o);
        Halting(o);
    }

    private static void Leaf(ObjectFile o, string name, Action<Assembler> body) => o.Function(name, a =>
    {
        body(a);
        a.ret();
    });

    // edx:eax and a 64-bit argument or result.
    private static void SplitArgument(Assembler a)
    {
        a.mov(eax, esi);
        a.mov(rdx, rsi);
        a.shr(rdx, 32);
    }

    private static void JoinResult(Assembler a)
    {
        a.shl(rdx, 32);
        a.or(rax, rdx);
    }

    private static void Control(ObjectFile o)
    {
        Leaf(o, "cr0_read", a => a.mov(rax, cr0));
        Leaf(o, "cr0_write", a => a.mov(cr0, rdi));
        Leaf(o, "cr2_read", a => a.mov(rax, cr2));
        Leaf(o, "cr3_read", a => a.mov(rax, cr3));
        Leaf(o, "cr3_write", a => a.mov(cr3, rdi));
        Leaf(o, "cr4_read", a => a.mov(rax, cr4));
        Leaf(o, "cr4_write", a => a.mov(cr4, rdi));
        // (components, not 0: copies do without)
        Leaf(o, "xcr0_write", a =>
        {
            a.mov(r8d, esi);
            a.mov(rsi, rdi);
            a.xor(ecx, ecx);
            SplitArgument(a);
            a.xsetbv();
            // Of the components, SDM vol. 1 §13.3: SSE, AVX without the parts of AVX-512.
            Label set = a.CreateLabel();
            a.LoadAddress(rdx, o.Address(MemoryStubs.Registers));
            a.mov(ecx, MemoryStubs.Wide);
            a.and(eax, AllVectors);
            a.cmp(eax, SseAndAvx);
            a.je(set);
            a.mov(ecx, MemoryStubs.Narrow);
            a.Label(ref set);
            a.mov(__dword_ptr[rdx], ecx);
            a.LoadAddress(rdx, o.Address(MemoryStubs.CopyRegisters));
            a.xor(eax, eax);
            a.test(r8d, r8d);
            a.cmovne(ecx, eax);
            a.mov(__dword_ptr[rdx], ecx);
        });
        Leaf(o, "msr_write", a =>
        {
            a.mov(ecx, edi);
            SplitArgument(a);
            a.wrmsr();
        });
        Leaf(o, "page_invalidate", a => a.invlpg(__byte_ptr[rdi]));
        // (leaf, subleaf, four results)
        Leaf(o, "cpu_id", a =>
        {
            a.push(rbx);
            a.mov(r8, rdx);
            a.mov(eax, edi);
            a.mov(ecx, esi);
            a.cpuid();
            a.mov(__dword_ptr[r8], eax);
            a.mov(__dword_ptr[r8 + 4], ebx);
            a.mov(__dword_ptr[r8 + 8], ecx);
            a.mov(__dword_ptr[r8 + 12], edx);
            a.pop(rbx);
        });
    }

    private static void Descriptors(ObjectFile o)
    {
        o.Function("gdt_load", a =>
        {
            a.lgdt(__[rdi]);
            // A far return reloads cs.
            a.pop(rax);
            a.push(Selectors.KernelCode);
            a.push(rax);
            a.mov(eax, Selectors.KernelData);
            a.mov(ss, eax);
            a.xor(eax, eax);
            a.mov(ds, eax);
            a.mov(es, eax);
            a.mov(fs, eax);
            a.mov(gs, eax);
            a.AddInstruction(Instruction.Create(Code.Retfq));
        });
        Leaf(o, "idt_load", a => a.lidt(__[rdi]));
        Leaf(o, "task_load", a => a.ltr(di));
    }

    private static void UserState(ObjectFile o)
    {
        // (thread, component mask); (from, to, component mask, whether from needs its own)
        Leaf(o, "user_state_save", a =>
        {
            a.mov(rdx, rsi);
            Mask(a);
            Save(a);
        });
        Leaf(o, "user_state_restore", a =>
        {
            a.mov(rdx, rsi);
            a.mov(rsi, rdi);
            Mask(a);
            Restore(a);
        });
        o.Function("user_state_switch", a =>
        {
            Label unused = a.CreateLabel(), saved = a.CreateLabel();
            Mask(a);
            a.test(ecx, ecx);
            a.je(unused);
            a.xsave64(__[rdi + ThreadFields.FpuOffset]);
            a.Label(ref saved);
            SaveBases(a);
            Restore(a);
            a.ret();
            // No component is in use: xrstor then makes each as a new thread has it, and reads none from memory.
            a.Label(ref unused);
            a.mov(__qword_ptr[rdi + (ThreadFields.FpuOffset + UsedComponents)], 0);
            a.jmp(saved);
        });
        Leaf(o, "cpu_current", a => a.mov(rax, __qword_ptr.gs[Offsets.Cpu(nameof(CpuFields.Self))]));
        Leaf(o, "frame_pointer", a => a.mov(rax, rbp));
    }

    // rdx → edx:eax
    private static void Mask(Assembler a)
    {
        a.mov(eax, edx);
        a.shr(rdx, 32);
    }

    private static void Save(Assembler a)
    {
        a.xsave64(__[rdi + ThreadFields.FpuOffset]);
        SaveBases(a);
    }

    // The user's GS base is the inactive one while the kernel runs.
    private static void SaveBases(Assembler a)
    {
        a.rdfsbase(rcx);
        a.mov(__qword_ptr[rdi + Offsets.Thread(nameof(ThreadFields.FsBase))], rcx);
        a.swapgs();
        a.rdgsbase(rcx);
        a.swapgs();
        a.mov(__qword_ptr[rdi + Offsets.Thread(nameof(ThreadFields.GsBase))], rcx);
    }

    private static void Restore(Assembler a)
    {
        a.xrstor64(__[rsi + ThreadFields.FpuOffset]);
        a.mov(rcx, __qword_ptr[rsi + Offsets.Thread(nameof(ThreadFields.FsBase))]);
        a.wrfsbase(rcx);
        a.mov(rcx, __qword_ptr[rsi + Offsets.Thread(nameof(ThreadFields.GsBase))]);
        a.swapgs();
        a.wrgsbase(rcx);
        a.swapgs();
    }

    private static void Time(ObjectFile o)
    {
        Leaf(o, "time_stamp", a =>
        {
            a.rdtsc();
            JoinResult(a);
        });
        Leaf(o, "multiply_shift_32", a =>
        {
            a.mov(rax, rdi);
            a.mul(rsi);
            a.shrd(rax, rdx, 32);
        });
        Leaf(o, "divide_shift_32", a =>
        {
            a.mov(rdx, rdi);
            a.mov(rax, rdi);
            a.shr(rdx, 32);
            a.shl(rax, 32);
            a.div(rsi);
        });
        Leaf(o, "bit_highest", a => a.bsr(rax, rdi));
    }

    private static void Halting(ObjectFile o)
    {
        // sti takes effect after the next instruction, so no interrupt can slip in before hlt (SDM vol. 2, STI).
        Leaf(o, "idle_wait", a =>
        {
            a.sti();
            a.hlt();
            a.cli();
        });
        Leaf(o, "interrupts_allow", a =>
        {
            a.sti();
            a.nop();
            a.cli();
        });
        Leaf(o, "spin_pause", a => a.pause());
        o.Function("halt_forever", a =>
        {
            Label again = a.CreateLabel();
            a.Label(ref again);
            a.cli();
            a.hlt();
            a.jmp(again);
        });
    }
}
