using Iced.Intel;
using Libsys.Abi;
using Microkernel.Image.Elf;
using static Iced.Intel.AssemblerRegisters;

namespace Microkernel.Image.Generate.PersonalityTests;

/// <summary>
/// What the personality's test program (libsys/personality-tests), an ordinary static Linux program, cannot say in C#: system calls and loops with every
/// register loaded, a handler that spoils every register, threads on raw stacks, instructions that fault.
/// </summary>
internal static class PersonalityTestStubs
{
    // Order of the first words of RegisterSet in C#; then the flags, then 16 vector registers of 32 bytes.
    private static readonly AssemblerRegister64[] General = [rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15];
    private static readonly AssemblerRegisterYMM[] Vectors =
        [ymm0, ymm1, ymm2, ymm3, ymm4, ymm5, ymm6, ymm7, ymm8, ymm9, ymm10, ymm11, ymm12, ymm13, ymm14, ymm15];
    private static readonly AssemblerRegister64[] Kept = [rbx, rbp, r12, r13, r14, r15];
    private const int RdiIndex = 5, Flags = 15 * 8, VectorOffset = 16 * 8;
    private const uint Clone = 56, Exit = 60, SignalReturn = 15;

    public static void Emit(ObjectFile o)
    {
        RuntimeSupport.Emit(o, "test_fail_fast");
        EmitStart(o);
        EmitCalls(o);
        EmitHandler(o);
        EmitThread(o);
        EmitFaults(o);
    }

    private static void EmitStart(ObjectFile o) => o.Function("_start", a =>
    {
        a.mov(rdi, rsp);
        a.xor(ebp, ebp);
        a.and(rsp, -16);
        a.call(o.Address("test_main"));
        a.ud2();
    });

    private static void EmitCalls(ObjectFile o)
    {
        // (number, a0 .. a5) → result
        o.Function("linux_call", a =>
        {
            a.mov(eax, edi);
            a.mov(rdi, rsi);
            a.mov(rsi, rdx);
            a.mov(rdx, rcx);
            a.mov(r10, r8);
            a.mov(r8, r9);
            a.mov(r9, __qword_ptr[rsp + 8]);
            a.syscall();
            a.ret();
        });

        // (number, a0, a1): a kernel call, only where the microkernel is known to be below.
        o.Function("gate_call", a =>
        {
            a.mov(rax, rdi);
            a.mov(rdi, rsi);
            a.mov(rsi, rdx);
            a.mov(r8, Window.Gate);
            a.jmp(r8);
        });

        // (set): loads every register, makes the call in rax, stores every register.
        o.Function("call_with_registers", a => WithRegisters(a, () => a.syscall()), usesVectors: true);

        // (set): loads every register and spins until spin_word is not 0.
        o.Data.Align(8);
        o.DefineHere("spin_word", o.Data);
        o.Data.UInt64(0);
        o.Function("spin_with_registers", a => WithRegisters(a, () =>
        {
            Label again = a.CreateLabel();
            a.Label(ref again);
            a.cmp(__dword_ptr[o.Address("spin_word")], 0);
            a.je(again);
        }), usesVectors: true);
        o.Function("spin_word_address", a =>
        {
            a.mov(rax, o.Address("spin_word"));
            a.ret();
        });
    }

    private static void WithRegisters(Assembler a, Action body)
    {
        foreach (AssemblerRegister64 register in Kept)
            a.push(register);
        a.push(rdi);
        for (int i = 0; i < Vectors.Length; i++)
            a.vmovdqu(Vectors[i], __ymmword_ptr[rdi + VectorOffset + i * 32]);
        for (int i = 0; i < General.Length; i++)
        {
            if (i != RdiIndex)
                a.mov(General[i], __qword_ptr[rdi + i * 8]);
        }
        a.mov(rdi, __qword_ptr[rdi + RdiIndex * 8]);
        body();
        a.push(rdi);
        a.pushfq();
        a.mov(rdi, __qword_ptr[rsp + 16]);
        for (int i = 0; i < General.Length; i++)
        {
            if (i != RdiIndex)
                a.mov(__qword_ptr[rdi + i * 8], General[i]);
        }
        a.pop(rax);
        a.mov(__qword_ptr[rdi + Flags], rax);
        a.pop(rax);
        a.mov(__qword_ptr[rdi + RdiIndex * 8], rax);
        for (int i = 0; i < Vectors.Length; i++)
            a.vmovdqu(__ymmword_ptr[rdi + VectorOffset + i * 32], Vectors[i]);
        a.vzeroupper();
        a.pop(rdi);
        foreach (AssemblerRegister64 register in Kept.Reverse())
            a.pop(register);
        a.ret();
    }

    private static void EmitHandler(ObjectFile o)
    {
        // (signal, siginfo, ucontext): C# does the work, then nothing is left as it was: sigreturn must bring it all back.
        o.Function("spoiling_handler", a =>
        {
            a.sub(rsp, 8);
            a.call(o.Address("test_handler"));
            a.add(rsp, 8);
            a.mov(rax, 0x5555_5555_5555_5555ul);
            a.movq(xmm0, rax);
            a.vpbroadcastq(ymm0, xmm0);
            foreach (AssemblerRegisterYMM vector in Vectors.Skip(1))
                a.vmovdqa(vector, ymm0);
            foreach (AssemblerRegister64 register in General.Skip(1))
                a.mov(register, rax);
            a.std();
            a.ret();
        }, usesVectors: true);
        o.Function("restorer", a =>
        {
            a.mov(eax, SignalReturn);
            a.syscall();
        });
    }

    // (flags, stack, parent tid, child tid, tls, function, argument) → thread id; the child calls function(argument) and ends with its result.
    private static void EmitThread(ObjectFile o) => o.Function("clone_thread", a =>
    {
        Label child = a.CreateLabel();
        a.mov(rax, __qword_ptr[rsp + 8]);
        a.sub(rsi, 16);
        a.mov(__qword_ptr[rsi], r9);
        a.mov(__qword_ptr[rsi + 8], rax);
        a.mov(r10, rcx);
        a.mov(eax, Clone);
        a.syscall();
        a.test(rax, rax);
        a.je(child);
        a.ret();
        a.Label(ref child);
        a.pop(rax);
        a.pop(rdi);
        a.xor(ebp, ebp);
        a.call(rax);
        a.mov(edi, eax);
        a.mov(eax, Exit);
        a.syscall();
    });

    // Leaves that fault at their first instruction; a handler may continue at fault_resume, which returns -1 to the caller.
    private static void EmitFaults(ObjectFile o)
    {
        o.Function("touch", a =>
        {
            a.mov(rax, __qword_ptr[rdi]);
            a.ret();
        });
        o.Function("store", a =>
        {
            a.mov(__qword_ptr[rdi], rdi);
            a.xor(eax, eax);
            a.ret();
        });
        o.Function("divide", a =>
        {
            a.xor(edx, edx);
            a.xor(eax, eax);
            a.div(rdi);
            a.ret();
        });
        o.Function("undefined", a => a.ud2());
        o.Function("breakpoint", a =>
        {
            a.int3();
            a.ret();
        });
        // (flags): sets the trap flag for one nop.
        o.Function("single_step", a =>
        {
            a.pushfq();
            a.or(__qword_ptr[rsp], 0x100);
            a.popfq();
            a.nop();
            a.xor(eax, eax);
            a.ret();
        });
        o.Function("fault_resume", a =>
        {
            a.mov(rax, -1);
            a.ret();
        });
        foreach (string symbol in (string[])["fault_resume", "restorer", "spoiling_handler"])
        {
            o.Function(symbol + "_address", a =>
            {
                a.mov(rax, o.Address(symbol));
                a.ret();
            });
        }
    }
}
