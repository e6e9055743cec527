using Iced.Intel;
using Libsys.Abi;
using Microkernel.Image.Elf;
using Microkernel.Image.Generate.Hosting;
using Microkernel.Image.Generate.Kernel;
using static Iced.Intel.AssemblerRegisters;

namespace Microkernel.Image.Generate.KernelTests;

/// <summary>
/// What the kernel's test image (microkernel/tests), which boots in place of the personality, cannot say in C#: the same contract with the kernel,
/// and code that plays programs.
/// </summary>
internal static class KernelTestStubs
{
    private static readonly AssemblerRegister64[] Saved = [r15, r14, r13, r12, rbp, rbx, r9, r8, r10, rdx, rsi, rdi, rax, r11, rcx];

    private static int Block(string field) => Offsets.Block(field);
    private static int Frame(string register) => Offsets.Frame(register);

    public static void Emit(ObjectFile o)
    {
        RuntimeSupport.Emit(o, "test_fail_fast");
        EmitGate(o);
        EmitEntries(o);
        EmitCopyStubs(o);
        EmitPrograms(o);
        EmitLeaves(o);
        EmitHeader(o);
    }

    private static void EmitGate(ObjectFile o)
    {
        Section gate = o.AddSection(".personality.gate", SectionType.ProgramBits, SectionFlags.Allocate | SectionFlags.Execute, 16);
        o.Function("gate", gate, a =>
        {
            a.mov(r10, rcx);
            a.syscall();
            a.Mark("gate_return");
            a.ret();
        });
        KernelCallStub.Emit(o);
    }

    private static void EmitEntries(ObjectFile o)
    {
        // rdi = block, rsi = argument
        foreach ((string entry, string function) in (ReadOnlySpan<(string, string)>)[("start_entry", "test_main"), ("thread_entry", "test_thread"),
            ("fork_entry", "test_thread")])
        {
            o.Function(entry, a =>
            {
                a.xor(ebp, ebp);
                a.call(o.Address(function));
                a.xor(edi, edi);
                a.xor(esi, esi);
                a.mov(eax, (uint)KernelCall.ThreadExit);
                a.call(o.Address("gate"));
                a.ud2();
            });
        }

        // From program code: a reflected syscall whose number is 0 goes straight back (what the fastest personality call costs);
        // everything else is C#'s.
        o.Function("reflection_entry", a =>
        {
            Label slow = a.CreateLabel();
            a.cmp(__dword_ptr[rdi + Block(nameof(ThreadBlock.Kind))], (int)EntryKind.Reflected);
            a.jne(slow);
            a.test(rax, rax);
            a.jne(slow);
            a.mov(rcx, __qword_ptr[rdi + Frame(nameof(RegisterFrame.Rip))]);
            a.mov(rsp, __qword_ptr[rdi + Frame(nameof(RegisterFrame.Rsp))]);
            a.mov(rdi, __qword_ptr[rdi + Frame(nameof(RegisterFrame.Rdi))]);
            a.jmp(rcx);
            a.Label(ref slow);
            a.mov(rbx, rdi);
            a.xor(ebp, ebp);
            a.call(o.Address("test_upcall"));
            a.mov(rdi, rbx);
            a.jmp(o.Address("exit_stub"));
        });

        // rdi = block: back to the program's registers in the block by iretq.
        o.Function("exit_stub", a =>
        {
            Label go = a.CreateLabel();
            a.Mark("exit_recheck");
            a.cmp(__dword_ptr[rdi + Block(nameof(ThreadBlock.Pending))], 0);
            a.je(go);
            a.mov(rbx, rdi);
            a.call(o.Address("test_pending"));
            a.mov(rdi, rbx);
            a.jmp(o.Address("exit_recheck"));
            a.Label(ref go);
            foreach (string field in (string[])["Ss", "Rsp", "Rflags", "Cs", "Rip"])
                a.push(__qword_ptr[rdi + Frame(field)]);
            for (int i = 0; i < Saved.Length; i++)
                if (Saved[i] != rdi)
                    a.mov(Saved[i], __qword_ptr[rdi + 8 * i]);
            a.mov(rdi, __qword_ptr[rdi + Frame(nameof(RegisterFrame.Rdi))]);
            a.Mark("exit_last");
            a.iretq();
            a.Mark("exit_end");
        });
        // (block): leaves for the program whose registers are in the block; never returns here.
        o.Function("enter_program", a => a.jmp(o.Address("exit_stub")));
    }

    // (address) → the word there, or -1 where it cannot be read.
    private static void EmitCopyStubs(ObjectFile o)
    {
        o.Function("copy_word", a =>
        {
            a.Mark("copy_word_start");
            a.mov(eax, __dword_ptr[rdi]);
            a.Mark("copy_word_end");
            a.ret();
            a.Mark("copy_word_recovery");
            a.mov(rax, -1);
            a.ret();
        });
        // (address, value) → 0 or -1
        o.Function("store_word", a =>
        {
            a.Mark("store_word_start");
            a.mov(__dword_ptr[rdi], esi);
            a.Mark("store_word_end");
            a.xor(eax, eax);
            a.ret();
            a.Mark("store_word_recovery");
            a.mov(rax, -1);
            a.ret();
        });
        o.ReadOnlyData.Align(8);
        o.DefineHere("copy_stubs", o.ReadOnlyData);
        foreach (string stub in (string[])["copy_word", "store_word"])
        {
            o.ReadOnlyData.Pointer64(stub + "_start");
            o.ReadOnlyData.Pointer64(stub + "_end");
            o.ReadOnlyData.Pointer64(stub + "_recovery");
        }
    }

    // Position-independent code that the tests copy below the window. Each has its length as the symbol's size; a table of (start, end) follows.
    private static void EmitPrograms(ObjectFile o)
    {
        List<string> names = [];
        void Program(string name, Action<Assembler> body)
        {
            o.Function("program_" + name, a =>
            {
                body(a);
                a.Mark($"program_{name}_end");
            });
            names.Add(name);
        }
        // Any register but rcx, r11 and rax must survive: syscall number 1 = report.
        Program("reflect", a =>
        {
            a.mov(eax, 1);
            a.syscall();
            a.mov(eax, 2);
            a.syscall();
            a.ud2();
        });
        // r12 syscalls of number 0, then number 3.
        Program("bounce", a =>
        {
            Label again = a.CreateLabel();
            a.Label(ref again);
            a.xor(eax, eax);
            a.syscall();
            a.dec(r12);
            a.jne(again);
            a.mov(eax, 3);
            a.syscall();
            a.ud2();
        });
        // Counts in memory at rdi for ever.
        Program("spin", a =>
        {
            Label again = a.CreateLabel();
            a.Label(ref again);
            a.inc(__qword_ptr[rdi]);
            a.jmp(again);
        });
        // Faults: reads at rdi, then reports.
        Program("fault", a =>
        {
            a.mov(rax, __qword_ptr[rdi]);
            a.mov(eax, 4);
            a.syscall();
            a.ud2();
        });
        // Syscalls of number 5 for ever, counting at rdi.
        Program("busy", a =>
        {
            Label again = a.CreateLabel();
            a.Label(ref again);
            a.inc(__qword_ptr[rdi]);
            a.mov(eax, 5);
            a.syscall();
            a.jmp(again);
        });
        o.ReadOnlyData.Align(8);
        o.DefineHere("program_table", o.ReadOnlyData);
        foreach (string name in names)
        {
            o.ReadOnlyData.Pointer64("program_" + name);
            o.ReadOnlyData.Pointer64($"program_{name}_end");
        }
    }

    private static void EmitLeaves(ObjectFile o)
    {
        o.Function("time_stamp", a =>
        {
            a.rdtsc();
            a.shl(rdx, 32);
            a.or(rax, rdx);
            a.ret();
        });
        // (pattern, number, a0): makes call `number` with argument `a0`.
        EmitVectorCheck(o, "vector_check", a =>
        {
            a.mov(eax, esi);
            a.mov(rdi, rdx);
            a.xor(esi, esi);
            a.xor(edx, edx);
            a.call(o.Address("gate"));
        });
        // (pattern, signal, wait, flags): signals one notification and waits for the other.
        EmitVectorCheck(o, "vector_turn", a =>
        {
            a.mov(eax, (int)KernelCall.SignalAndWait);
            a.mov(rdi, rsi);
            a.mov(esi, 1);
            a.mov(r8, rcx);
            a.mov(rcx, -1);
            a.call(o.Address("gate"));
        });
        // (pattern, address): writes a byte, which may fault.
        EmitVectorCheck(o, "vector_fault_check", a => a.mov(__byte_ptr[rsi], 1));
        // (value): sets the FS base as programs do; fs_read reads it back.
        o.Function("fs_write", a =>
        {
            a.wrfsbase(rdi);
            a.ret();
        });
        o.Function("fs_read", a =>
        {
            a.rdfsbase(rax);
            a.ret();
        });
        // A syscall in the window that is not the gate's.
        o.Function("stray_syscall", a =>
        {
            a.syscall();
            a.ret();
        });
        // (word address): spins until the word is not 0.
        o.Function("spin_until", a =>
        {
            Label again = a.CreateLabel();
            a.Label(ref again);
            a.pause();
            a.cmp(__dword_ptr[rdi], 0);
            a.je(again);
            a.ret();
        });
    }

    // Fills ymm0–15, does something, and returns 0 if all survived, 1 if one is zero, 2 if one is something else; the pattern is the first argument.
    private static void EmitVectorCheck(ObjectFile o, string name, Action<Assembler> act) => o.Function(name, a =>
    {
        AssemblerRegisterYMM[] ymm = [ymm0, ymm1, ymm2, ymm3, ymm4, ymm5, ymm6, ymm7, ymm8, ymm9, ymm10, ymm11, ymm12, ymm13, ymm14, ymm15];
        AssemblerRegisterXMM[] xmm = [xmm0, xmm1, xmm2, xmm3, xmm4, xmm5, xmm6, xmm7, xmm8, xmm9, xmm10, xmm11, xmm12, xmm13, xmm14, xmm15];
        Label bad = a.CreateLabel(), done = a.CreateLabel();
        a.push(rbx);
        a.mov(rbx, rdi);
        a.sub(rsp, 32);
        for (int i = 0; i < 16; i++)
        {
            a.lea(rax, __[rbx + i]);
            a.vmovq(xmm[i], rax);
            a.vpunpcklqdq(xmm[i], xmm[i], xmm[i]);
            a.vinsertf128(ymm[i], ymm[i], xmm[i], 1);
        }
        act(a);
        for (int i = 0; i < 16; i++)
        {
            a.vmovdqu(__ymmword_ptr[rsp], ymm[i]);
            a.lea(rax, __[rbx + i]);
            for (int j = 0; j < 4; j++)
            {
                a.cmp(rax, __qword_ptr[rsp + 8 * j]);
                a.jne(bad);
            }
        }
        a.xor(eax, eax);
        a.jmp(done);
        a.Label(ref bad);
        a.mov(eax, 1);
        a.mov(rcx, __qword_ptr[rsp]);
        a.or(rcx, __qword_ptr[rsp + 8]);
        a.or(rcx, __qword_ptr[rsp + 16]);
        a.or(rcx, __qword_ptr[rsp + 24]);
        a.je(done);
        a.mov(eax, 2);
        a.Label(ref done);
        a.vzeroupper();
        a.add(rsp, 32);
        a.pop(rbx);
        a.ret();
    });

    private static void EmitHeader(ObjectFile o)
    {
        Section header = o.AddSection(".personality.header", SectionType.ProgramBits, SectionFlags.Allocate, 4096);
        new StructData<PersonalityHeader>(o, header, "personality_header")
            .Set(nameof(PersonalityHeader.Magic), PersonalityHeader.MagicValue)
            .SetAddress(nameof(PersonalityHeader.TextEnd), "text_end")
            .SetAddress(nameof(PersonalityHeader.RodataEnd), "rodata_end")
            .SetAddress(nameof(PersonalityHeader.DataEnd), "data_end")
            .SetAddress(nameof(PersonalityHeader.BssEnd), "bss_end")
            .SetAddress(nameof(PersonalityHeader.Entry), "reflection_entry")
            .SetAddress(nameof(PersonalityHeader.StartEntry), "start_entry")
            .SetAddress(nameof(PersonalityHeader.ThreadEntry), "thread_entry")
            .SetAddress(nameof(PersonalityHeader.ForkEntry), "fork_entry")
            .SetAddress(nameof(PersonalityHeader.ExitRecheck), "exit_recheck")
            .SetAddress(nameof(PersonalityHeader.ExitEnd), "exit_end")
            .SetAddress(nameof(PersonalityHeader.CopyStubs), "copy_stubs")
            .Set(nameof(PersonalityHeader.CopyStubCount), 2);
    }
}
