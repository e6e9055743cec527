using Iced.Intel;
using Libsys.Abi;
using Microkernel.Image.Elf;
using static Iced.Intel.AssemblerRegisters;

namespace Microkernel.Image.Generate.Personality;

/// <summary>
/// The only code of the personality that touches program memory. Each piece that may fault is in the recovery table. Loops over registers rather than rep movs:
/// an emulated CPU runs that one element at a time, and short copies are the common ones. Long copies go through four vector registers, which are the
/// program's, and are put back; or, where those are emulated, by single moves of words.
/// </summary>
internal static class CopyStubs
{
    // One round of the main loop: enough to make its four instructions of overhead small, small enough for the code to stay in a few cache lines.
    private const int Round = 64;

    // The same for vector registers, and the shortest copy that is worth keeping them.
    private const int VectorRound = 256;

    // XCR0, SDM vol. 1 §13.3: of ymm and all wider registers, ymm alone. A write to ymm clears what a zmm has above it, so the program's would be lost.
    private const int WideComponents = 0xE4, YmmComponent = 4;

    // Of each byte of a word.
    private const ulong LowestBits = 0x0101_0101_0101_0101, HighestBits = 0x8080_8080_8080_8080;

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
                done = a.CreateLabel(), vectors = a.CreateLabel();
            a.sub(rdx, Round);
            a.jb(words);
            a.cmp(rdx, VectorRound - Round);
            a.jae(vectors);
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
            EmitLong(a, ref vectors, wide, words, oneByte);
        }, usesVectors: true);
        recovery.Add("user_copy_moves", "user_copy_moves_end", "user_copy_moves_fault");
        recovery.Add("user_copy_ymm", "user_copy_ymm_end", "user_copy_ymm_fault");
        recovery.Add("user_copy_xmm", "user_copy_xmm_end", "user_copy_xmm_fault");
        recovery.Add("user_copy_wide", "user_copy_words", "user_copy_wide_fault");
        recovery.Add("user_copy_words", "user_copy_bytes", "user_copy_words_fault");
        recovery.Add("user_copy_bytes", "user_copy_end", "user_copy_end");
    }

    // At least VectorRound bytes are left, Round fewer are in rdx, as it is at wide and words.
    private static void EmitLong(Assembler a, ref Label start, Label wide, Label words, Label oneByte)
    {
        Label narrow = a.CreateLabel(), vectors = a.CreateLabel();
        int byWords = (int)Layout.OffsetOf<KernelPage>(nameof(KernelPage.CopiesByWords));
        int components = (int)Layout.OffsetOf<KernelPage>(nameof(KernelPage.XsaveMask));
        a.Label(ref start);
        a.sub(rdx, VectorRound - Round);
        a.mov(rax, Window.KernelPageAddress);
        a.cmp(__dword_ptr[rax + byWords], 0);
        a.je(vectors);
        EmitMoves(a, wide, words, oneByte);
        a.Label(ref vectors);
        a.mov(eax, __dword_ptr[rax + components]);
        a.and(eax, WideComponents);
        a.cmp(eax, YmmComponent);
        a.jne(narrow);
        AssemblerRegisterYMM[] ymm = [ymm0, ymm1, ymm2, ymm3];
        EmitVectorLoop(a, "user_copy_ymm", 32, (i, memory) => a.vmovdqu(ymm[i], memory), (memory, i) => a.vmovdqu(memory, ymm[i]), wide, words, oneByte);
        a.Label(ref narrow);
        AssemblerRegisterXMM[] xmm = [xmm0, xmm1, xmm2, xmm3];
        EmitVectorLoop(a, "user_copy_xmm", 16, (i, memory) => a.movdqu(xmm[i], memory), (memory, i) => a.movdqu(memory, xmm[i]), wide, words, oneByte);
    }

    // Where vectors are emulated (KernelPage.CopiesByWords). A move counts its pointers on, so that after a fault they say what is left.
    private static void EmitMoves(Assembler a, Label wide, Label words, Label oneByte)
    {
        Label round = a.CreateLabel();
        a.lea(r8, __[rdi + rdx + VectorRound]);
        a.Mark("user_copy_moves");
        a.Label(ref round);
        for (int offset = 0; offset < VectorRound; offset += 8)
            a.movsq();
        a.sub(rdx, VectorRound);
        a.jae(round);
        a.Mark("user_copy_moves_end");
        a.add(rdx, VectorRound - Round);
        a.jc(wide);
        a.jmp(words);
        a.Mark("user_copy_moves_fault");
        a.mov(rdx, r8);
        a.sub(rdx, rdi);
        a.jmp(oneByte);
    }

    private static void EmitVectorLoop(Assembler a, string name, int width, Action<int, AssemblerMemoryOperand> load, Action<AssemblerMemoryOperand, int> store,
        Label wide, Label words, Label oneByte)
    {
        const int registers = 4;
        void Keep() => Each(i => store(__[rsp + i * width], i));
        void PutBack()
        {
            Each(i => load(i, __[rsp + i * width]));
            a.add(rsp, registers * width);
            a.add(rdx, VectorRound - Round);
        }

        void Each(Action<int> action)
        {
            for (int i = 0; i < registers; i++)
                action(i);
        }

        Label round = a.CreateLabel();
        a.sub(rsp, registers * width);
        Keep();
        a.Mark(name);
        a.Label(ref round);
        for (int offset = 0; offset < VectorRound; offset += registers * width)
        {
            Each(i => load(i, __[rsi + offset + i * width]));
            Each(i => store(__[rdi + offset + i * width], i));
        }

        a.add(rsi, VectorRound);
        a.add(rdi, VectorRound);
        a.sub(rdx, VectorRound);
        a.jae(round);
        a.Mark(name + "_end");
        PutBack();
        a.jc(wide);
        a.jmp(words);
        // Of the round nothing counts: byte by byte up to where it is.
        a.Mark(name + "_fault");
        PutBack();
        a.add(rdx, Round);
        a.jmp(oneByte);
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

    // (destination, source, limit) → length without NUL, limit if there is none, -1 on a fault. Words as long as eight bytes fit the limit. A word that faults
    // may only reach over the end of the program's memory behind the NUL: then the rest is done byte by byte.
    private static void EmitString(ObjectFile o, RecoveryTable recovery)
    {
        o.Function("user_string", a =>
        {
            Label word = a.CreateLabel(), inWord = a.CreateLabel(), bytes = a.CreateLabel(), done = a.CreateLabel();
            a.xor(eax, eax);
            a.lea(rcx, __[rax + 8]);
            a.cmp(rcx, rdx);
            a.ja(bytes);
            a.mov(r8, LowestBits);
            a.mov(r9, HighestBits);
            a.Label(ref word);
            a.Mark("user_string_words");
            a.mov(r10, __qword_ptr[rsi + rax]);
            a.Mark("user_string_words_end");
            a.mov(__qword_ptr[rdi + rax], r10);
            // The highest bit of each byte that is 0; above the first one others may have it too.
            a.mov(r11, r10);
            a.sub(r11, r8);
            a.not(r10);
            a.and(r10, r11);
            a.and(r10, r9);
            a.jne(inWord);
            a.add(rax, 8);
            a.lea(rcx, __[rax + 8]);
            a.cmp(rcx, rdx);
            a.jbe(word);
            a.Mark("user_string_start");
            a.Label(ref bytes);
            a.cmp(rax, rdx);
            a.je(done);
            a.mov(cl, __byte_ptr[rsi + rax]);
            a.mov(__byte_ptr[rdi + rax], cl);
            a.inc(rax);
            a.test(cl, cl);
            a.jne(bytes);
            a.dec(rax);
            a.Mark("user_string_end");
            a.Label(ref done);
            a.ret();
            a.Label(ref inWord);
            a.bsf(r10, r10);
            a.shr(r10, 3);
            a.add(rax, r10);
            a.ret();
            a.Mark("user_string_fault");
            a.mov(rax, -1);
            a.ret();
        });
        recovery.Add("user_string_words", "user_string_words_end", "user_string_start");
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
        Access(o, recovery, "user_write16", a => a.mov(__word_ptr[rdi], si));
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
        // (counter, added, word, value)
        Access(o, recovery, "user_count", a =>
        {
            a.@lock.add(__dword_ptr[rdi], esi);
            a.mov(eax, __dword_ptr[rdx]);
            a.mov(__dword_ptr[rcx], eax);
        });
        CompareExchangePair(o, recovery);
    }

    // (address, expected and then found, first desired, second desired): 16 bytes at once, SDM vol. 2, CMPXCHG16B. rbx is the caller's.
    private static void CompareExchangePair(ObjectFile o, RecoveryTable recovery)
    {
        o.Function("user_compare_exchange128", a =>
        {
            a.mov(r8, rbx);
            a.mov(rbx, rdx);
            a.mov(rax, __qword_ptr[rsi]);
            a.mov(rdx, __qword_ptr[rsi + 8]);
            a.Mark("user_compare_exchange128_start");
            a.@lock.cmpxchg16b(__xmmword_ptr[rdi]);
            a.Mark("user_compare_exchange128_end");
            a.mov(__qword_ptr[rsi], rax);
            a.mov(__qword_ptr[rsi + 8], rdx);
            a.mov(rbx, r8);
            a.mov(eax, 1);
            a.ret();
            a.Mark("user_compare_exchange128_fault");
            a.mov(rbx, r8);
            a.xor(eax, eax);
            a.ret();
        });
        recovery.Add("user_compare_exchange128_start", "user_compare_exchange128_end", "user_compare_exchange128_fault");
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
