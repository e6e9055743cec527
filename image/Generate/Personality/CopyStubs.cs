using Iced.Intel;
using Microkernel.Image.Elf;
using static Iced.Intel.AssemblerRegisters;

namespace Microkernel.Image.Generate.Personality;

/// <summary>
/// The only code of the personality that touches program memory. Each piece that may fault is in the recovery table. Loops over registers rather than rep movs:
/// an emulated CPU runs that one element at a time, and short copies are the common ones.
/// </summary>
internal static class CopyStubs
{
    // One round of the main loop: enough to make its four instructions of overhead small, small enough for the code to stay in a few cache lines.
    private const int Round = 64;

    public static void Emit(ObjectFile o, RecoveryTable recovery)
    {
        EmitCopy(o, recovery);
        EmitZero(o, recovery);
        EmitString(o, recovery);
        EmitWords(o, recovery);
    }

    // (destination, source, length) → bytes not copied. The length counter runs ahead by what a round copies; the recovery points put it right and
    // retry byte by byte, so that the count is exact.
    private static void EmitCopy(ObjectFile o, RecoveryTable recovery)
    {
        o.Function("user_copy", a =>
        {
            Label wide = a.CreateLabel(), words = a.CreateLabel(), word = a.CreateLabel(), bytes = a.CreateLabel(), oneByte = a.CreateLabel(),
                done = a.CreateLabel();
            a.sub(rdx, Round);
            a.jb(words);
            a.Mark("user_copy_wide");
            a.Label(ref wide);
            for (int offset = 0; offset < Round; offset += 8)
            {
                a.mov(rax, __qword_ptr[rsi + offset]);
                a.mov(__qword_ptr[rdi + offset], rax);
            }
            a.add(rsi, Round);
            a.add(rdi, Round);
            a.sub(rdx, Round);
            a.jae(wide);
            a.Mark("user_copy_words");
            a.Label(ref words);
            a.add(rdx, Round - 8);
            a.jnc(bytes);
            a.Label(ref word);
            a.mov(rax, __qword_ptr[rsi]);
            a.mov(__qword_ptr[rdi], rax);
            a.add(rsi, 8);
            a.add(rdi, 8);
            a.sub(rdx, 8);
            a.jae(word);
            a.Mark("user_copy_bytes");
            a.Label(ref bytes);
            a.add(rdx, 8);
            a.je(done);
            a.Label(ref oneByte);
            a.mov(al, __byte_ptr[rsi]);
            a.mov(__byte_ptr[rdi], al);
            a.inc(rsi);
            a.inc(rdi);
            a.dec(rdx);
            a.jne(oneByte);
            a.Mark("user_copy_end");
            a.Label(ref done);
            a.mov(rax, rdx);
            a.ret();
            a.Mark("user_copy_wide_fault");
            a.add(rdx, Round);
            a.jmp(oneByte);
            a.Mark("user_copy_words_fault");
            a.add(rdx, 8);
            a.jmp(oneByte);
        });
        recovery.Add("user_copy_wide", "user_copy_words", "user_copy_wide_fault");
        recovery.Add("user_copy_words", "user_copy_bytes", "user_copy_words_fault");
        recovery.Add("user_copy_bytes", "user_copy_end", "user_copy_end");
    }

    // (destination, length) → bytes not written.
    private static void EmitZero(ObjectFile o, RecoveryTable recovery)
    {
        o.Function("user_zero", a =>
        {
            Label wide = a.CreateLabel(), words = a.CreateLabel(), word = a.CreateLabel(), bytes = a.CreateLabel(), oneByte = a.CreateLabel(),
                done = a.CreateLabel();
            a.xor(eax, eax);
            a.sub(rsi, Round);
            a.jb(words);
            a.Mark("user_zero_wide");
            a.Label(ref wide);
            for (int offset = 0; offset < Round; offset += 8)
                a.mov(__qword_ptr[rdi + offset], rax);
            a.add(rdi, Round);
            a.sub(rsi, Round);
            a.jae(wide);
            a.Mark("user_zero_words");
            a.Label(ref words);
            a.add(rsi, Round - 8);
            a.jnc(bytes);
            a.Label(ref word);
            a.mov(__qword_ptr[rdi], rax);
            a.add(rdi, 8);
            a.sub(rsi, 8);
            a.jae(word);
            a.Mark("user_zero_bytes");
            a.Label(ref bytes);
            a.add(rsi, 8);
            a.je(done);
            a.Label(ref oneByte);
            a.mov(__byte_ptr[rdi], al);
            a.inc(rdi);
            a.dec(rsi);
            a.jne(oneByte);
            a.Mark("user_zero_end");
            a.Label(ref done);
            a.mov(rax, rsi);
            a.ret();
            a.Mark("user_zero_wide_fault");
            a.add(rsi, Round);
            a.jmp(oneByte);
            a.Mark("user_zero_words_fault");
            a.add(rsi, 8);
            a.jmp(oneByte);
        });
        recovery.Add("user_zero_wide", "user_zero_words", "user_zero_wide_fault");
        recovery.Add("user_zero_words", "user_zero_bytes", "user_zero_words_fault");
        recovery.Add("user_zero_bytes", "user_zero_end", "user_zero_end");
    }

    // (destination, source, limit) → length without NUL, limit if there is none, -1 on a fault.
    private static void EmitString(ObjectFile o, RecoveryTable recovery)
    {
        o.Function("user_string", a =>
        {
            Label next = a.CreateLabel(), done = a.CreateLabel();
            a.xor(eax, eax);
            a.Mark("user_string_start");
            a.Label(ref next);
            a.cmp(rax, rdx);
            a.je(done);
            a.mov(cl, __byte_ptr[rsi + rax]);
            a.mov(__byte_ptr[rdi + rax], cl);
            a.inc(rax);
            a.test(cl, cl);
            a.jne(next);
            a.dec(rax);
            a.Mark("user_string_end");
            a.Label(ref done);
            a.ret();
            a.Mark("user_string_fault");
            a.mov(rax, -1);
            a.ret();
        });
        recovery.Add("user_string_start", "user_string_end", "user_string_fault");
    }

    // Single accesses: 1 = done, 0 = fault. A program may place its words anywhere, aligned or not.
    private static void EmitWords(ObjectFile o, RecoveryTable recovery)
    {
        Access(o, recovery, "user_read32", a =>
        {
            a.mov(ecx, __dword_ptr[rdi]);
            a.mov(__dword_ptr[rsi], ecx);
        });
        Access(o, recovery, "user_read64", a =>
        {
            a.mov(rcx, __qword_ptr[rdi]);
            a.mov(__qword_ptr[rsi], rcx);
        });
        Access(o, recovery, "user_write32", a => a.mov(__dword_ptr[rdi], esi));
        Access(o, recovery, "user_write64", a => a.mov(__qword_ptr[rdi], rsi));
        // (address, expected, desired, found)
        Access(o, recovery, "user_compare_exchange32", a =>
        {
            a.mov(eax, esi);
            a.@lock.cmpxchg(__dword_ptr[rdi], edx);
            a.mov(__dword_ptr[rcx], eax);
        });
        Access(o, recovery, "user_compare_exchange64", a =>
        {
            a.mov(rax, rsi);
            a.@lock.cmpxchg(__qword_ptr[rdi], rdx);
            a.mov(__qword_ptr[rcx], rax);
        });
    }

    /// <summary>A function around one access: returns 1, or 0 if it faults.</summary>
    internal static void Access(ObjectFile o, RecoveryTable recovery, string symbol, Action<Assembler> access, bool usesVectors = false)
    {
        o.Function(symbol, a =>
        {
            a.Mark(symbol + "_start");
            access(a);
            a.Mark(symbol + "_end");
            a.mov(eax, 1);
            a.ret();
            a.Mark(symbol + "_fault");
            a.xor(eax, eax);
            a.ret();
        }, usesVectors: usesVectors);
        recovery.Add(symbol + "_start", symbol + "_end", symbol + "_fault");
    }
}
