using Microkernel.Image.Elf;
using static Iced.Intel.AssemblerRegisters;

namespace Microkernel.Image.Generate.Personality;

/// <summary>
/// FPU and vector state of the program, which is live in the registers while the personality runs: saved into and restored from signal frames and fork
/// contexts. SDM vol. 1 §13.7–13.9. Both may fault on program memory, xrstor also on a malformed area.
/// </summary>
internal static class VectorStubs
{
    // MXCSR and x87 control word after reset as Linux and the System V ABI want them: all exceptions masked; 64-bit precision.
    private const uint InitialMxcsr = 0x1f80;
    private const ushort InitialControlWord = 0x37f;
    // Legacy region (512) and header (64); a header of zeros means "initial state" for every component.
    private const ulong AreaLength = 576;

    public static void Emit(ObjectFile o, RecoveryTable recovery)
    {
        // (area, mask)
        CopyStubs.Access(o, recovery, "fpu_save", a =>
        {
            a.mov(eax, esi);
            a.mov(rdx, rsi);
            a.shr(rdx, 32);
            a.xsave64(__[rdi]);
        }, usesVectors: true);
        CopyStubs.Access(o, recovery, "fpu_restore", a =>
        {
            a.mov(eax, esi);
            a.mov(rdx, rsi);
            a.shr(rdx, 32);
            a.xrstor64(__[rdi]);
        }, usesVectors: true);

        // Frames without the extended part: legacy region only.
        CopyStubs.Access(o, recovery, "fpu_restore_legacy", a => a.fxrstor64(__[rdi]), usesVectors: true);

        // Which exceptions are flagged and unmasked, for the code of SIGFPE.
        o.Function("read_mxcsr", a =>
        {
            a.push(0);
            a.stmxcsr(__dword_ptr[rsp]);
            a.pop(rax);
            a.ret();
        }, usesVectors: true);
        // Status word, control word in the upper half.
        o.Function("read_x87_words", a =>
        {
            a.push(0);
            a.fnstsw(__word_ptr[rsp]);
            a.fnstcw(__word_ptr[rsp + 2]);
            a.pop(rax);
            a.ret();
        }, usesVectors: true);

        ulong area = o.ReadOnlyData.Align(64);
        o.DefineHere("fpu_initial", o.ReadOnlyData);
        o.ReadOnlyData.Reserve(AreaLength);
        o.ReadOnlyData.Patch(area, BitConverter.GetBytes(InitialControlWord));
        o.ReadOnlyData.Patch(area + 24, BitConverter.GetBytes(InitialMxcsr));
        // (mask)
        o.Function("fpu_reset", a =>
        {
            a.mov(eax, edi);
            a.mov(rdx, rdi);
            a.shr(rdx, 32);
            a.mov(rcx, o.Address("fpu_initial"));
            a.xrstor64(__[rcx]);
            a.ret();
        }, usesVectors: true);
    }
}
