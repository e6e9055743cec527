using Iced.Intel;
using Libsys.Abi;
using Microkernel.Image.Elf;
using static Iced.Intel.AssemblerRegisters;

namespace Microkernel.Image.Generate.Vdso;

/// <summary>
/// Clocks without a call, vdso(7): the time stamp counter and the kernel's page (<see cref="KernelPage"/>), as the personality reads them. What is not such a
/// clock is the ordinary Linux call. A bad pointer is a fault of the program, as on Linux.
/// </summary>
internal static class VdsoStubs
{
    // asm/unistd_64.h.
    private const int ClockGetTimeNumber = 228;

    // Bits by clock number, clock_gettime(2): REALTIME, MONOTONIC, MONOTONIC_RAW, REALTIME_COARSE, MONOTONIC_COARSE, BOOTTIME, TAI; and those with the date.
    private const int Clocks = 1 << 0 | 1 << 1 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 11;
    private const int ClocksWithDate = 1 << 0 | 1 << 5 | 1 << 11;

    private const int Second = 1_000_000_000;

    public static void Emit(ObjectFile o)
    {
        // (clock, struct timespec *)
        o.Function("__vdso_clock_gettime", a =>
        {
            Label call = a.CreateLabel();
            a.cmp(edi, 11);
            a.ja(call);
            a.mov(eax, Clocks);
            a.bt(eax, edi);
            a.jnc(call);
            Now(a);
            // The date's offset, or 0: all bits of edx where the clock has a date.
            a.mov(ecx, ClocksWithDate);
            a.bt(ecx, edi);
            a.sbb(rdx, rdx);
            a.and(rdx, __qword_ptr[r8 + Offset(nameof(KernelPage.WallOffset))]);
            a.add(rax, rdx);
            Divide(a, Second);
            a.mov(__qword_ptr[rsi], rax);
            a.mov(__qword_ptr[rsi + 8], rdx);
            a.xor(eax, eax);
            a.ret();
            a.Label(ref call);
            a.mov(eax, ClockGetTimeNumber);
            a.syscall();
            a.ret();
        });
        // (struct timeval *, struct timezone *), either may be null
        o.Function("__vdso_gettimeofday", a =>
        {
            Label zone = a.CreateLabel(), done = a.CreateLabel();
            a.test(rdi, rdi);
            a.je(zone);
            Date(a);
            a.mov(__qword_ptr[rdi], rax);
            a.mov(rax, rdx);
            Divide(a, 1000);
            a.mov(__qword_ptr[rdi + 8], rax);
            a.Label(ref zone);
            a.xor(eax, eax);
            a.test(rsi, rsi);
            a.je(done);
            a.mov(__qword_ptr[rsi], rax);
            a.Label(ref done);
            a.ret();
        });
        // (time_t * or null) → seconds
        o.Function("__vdso_time", a =>
        {
            Label done = a.CreateLabel();
            Date(a);
            a.test(rdi, rdi);
            a.je(done);
            a.mov(__qword_ptr[rdi], rax);
            a.Label(ref done);
            a.ret();
        });
    }

    // rax = seconds of the date, rdx = nanoseconds; r8 and rcx are lost.
    private static void Date(Assembler a)
    {
        Now(a);
        a.add(rax, __qword_ptr[r8 + Offset(nameof(KernelPage.WallOffset))]);
        Divide(a, Second);
    }

    // rax = nanoseconds since boot, r8 = the kernel's page; rdx is lost.
    private static void Now(Assembler a)
    {
        Label forward = a.CreateLabel();
        a.mov(r8, Window.KernelPageAddress);
        a.rdtsc();
        a.shl(rdx, 32);
        a.or(rax, rdx);
        a.sub(rax, __qword_ptr[r8 + Offset(nameof(KernelPage.TscAtBoot))]);
        // A counter of another CPU can be a little behind the one that booted.
        a.jns(forward);
        a.xor(eax, eax);
        a.Label(ref forward);
        a.mul(__qword_ptr[r8 + Offset(nameof(KernelPage.TscMultiplier))]);
        a.shrd(rax, rdx, 32);
    }

    // rax = rax / divisor, rdx = the rest; rcx is lost.
    private static void Divide(Assembler a, int divisor)
    {
        a.xor(edx, edx);
        a.mov(ecx, divisor);
        a.div(rcx);
    }

    private static int Offset(string field) => (int)Layout.OffsetOf<KernelPage>(field);
}
