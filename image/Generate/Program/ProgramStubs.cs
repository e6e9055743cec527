using Microkernel.Image.Elf;
using Microkernel.Image.Generate.Hosting;
using static Iced.Intel.AssemblerRegisters;

namespace Microkernel.Image.Generate.Program;

/// <summary>The start and the system call of a Linux program in C# without a runtime: the smallest program there is, for tests.</summary>
internal static class ProgramStubs
{
    // exit_group, asm/unistd_64.h.
    private const int ExitGroup = 231;

    public static void Emit(ObjectFile o)
    {
        RuntimeSupport.Emit(o, "program_fail_fast");

        // rsp points at argc, the argument pointers follow (x86-64 psABI §3.4.1). Calls int program_main(int count, ulong pointers).
        o.Function("_start", a =>
        {
            a.xor(ebp, ebp);
            a.mov(edi, __dword_ptr[rsp]);
            a.lea(rsi, __[rsp + 8]);
            a.and(rsp, -16);
            a.call(o.Address("program_main"));
            a.mov(edi, eax);
            a.mov(eax, ExitGroup);
            a.syscall();
            a.ud2();
        });

        // long linux_call(number, a0 .. a5), System V. The result is the kernel's: negative numbers are errors.
        o.Function("linux_call", a =>
        {
            a.mov(rax, rdi);
            a.mov(rdi, rsi);
            a.mov(rsi, rdx);
            a.mov(rdx, rcx);
            a.mov(r10, r8);
            a.mov(r8, r9);
            a.mov(r9, __qword_ptr[rsp + 8]);
            a.syscall();
            a.ret();
        });

        // A program may call the kernel as its personality does, and look at its own memory; no program but a hostile one wants that.
        KernelCallStub.Emit(o);
        o.Function("memory_at", a =>
        {
            a.mov(rax, rdi);
            a.ret();
        });
    }
}
