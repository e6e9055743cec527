using System;

namespace PersonalityTests;

/// <summary>Every register but rax, rcx and r11 survives every call; those are result, return address and flags.</summary>
internal static unsafe class RegisterTests
{
    /// <summary>Fills all registers with different values.</summary>
    public static void Fill(RegisterSet* set, ulong seed)
    {
        ulong* words = (ulong*)set;
        for (ulong i = 0; i < 80; i++)
            words[i] = (seed + i) * 0x9E37_79B9_7F4A_7C15 ^ i << 56;
    }

    /// <summary>Compares, leaving out rax, rcx, r11 and flags unless <paramref name="all"/>.</summary>
    public static bool Same(RegisterSet* left, RegisterSet* right, bool all)
    {
        ulong* a = (ulong*)left, b = (ulong*)right;
        for (int i = 0; i < 80; i++)
        {
            bool given = i == 0 || i == 2 || i == 10;
            if (i == 15 || (given && !all))
                continue;
            if (!Report.Check(a[i] == b[i], "register kept, index"u8, (ulong)i))
                return false;
        }
        return true;
    }

    public static void Run()
    {
        // Numbers whose arguments below make them return at once, successfully or not.
        ReadOnlySpan<byte> calls = [39, 186, 228, 9, 11, 10, 12, 13, 14, 131, 202, 24, 204, 96, 63, 99, 158, 157, 102, 201, 35, 28, 25, 234, 218, 229, 27, 127,
            38];
        RegisterSet set, before;
        for (int i = 0; i < calls.Length; i++)
        {
            Fill(&set, (ulong)i);
            set.Rax = calls[i];
            // Harmless arguments: null or wrong pointers, impossible numbers.
            set.Rdi = calls[i] == 218 ? 0ul : 0x1234_5678_9ABC_DEF1;
            set.Rsi = calls[i] == 12 ? 0ul : 0xF0F0_F0F0_F0F0_F0F3;
            Copy(&before, &set);
            Linux.CallWithRegisters(&set);
            if (!Same(&before, &set, false))
                Report.Number("  after call "u8, calls[i]);
            Report.Check(set.Rcx < 0x500000 && set.Rcx > 0x400000, "rcx is the return address"u8, set.Rcx);
            // The flags before were those of C#; direction, trap and the like are clear. r11 has what they were.
            Report.Check((set.R11 & 0x200) != 0, "r11 has the flags"u8, set.R11);
            Report.Check(set.R11 == set.Flags, "flags kept"u8, set.Flags);
        }
        TestLongCopies();
        Report.Line("ok registers"u8);
    }

    // Copies of the personality may go through the program's vector registers: of any length, and ending in the middle.
    private static void TestLongCopies()
    {
        const uint read = 0, write = 1, close = 3, unmap = 11, pipe = 293, nonBlock = 0x800, page = 4096;
        ReadOnlySpan<ushort> lengths = [63, 64, 255, 256, 257, 319, 320, 511, 512, 1000, 4095, 4096];
        uint* ends = stackalloc uint[2];
        Linux.Call(pipe, (ulong)ends, nonBlock);
        byte* from = (byte*)Linux.Map(2 * page), to = (byte*)Linux.Map(2 * page);
        Linux.Call(unmap, (ulong)to + page, page);
        for (uint i = 0; i < page; i++)
            from[i] = (byte)(i * 7 + i / 256);
        for (int round = 0; round < 40; round++) // by requests first, then in memory
        {
            uint length = lengths[round % lengths.Length], odd = (uint)round % 5;
            if (length + odd > page)
                odd = 0;
            Report.Equal((long)length, WithRegisters(write, ends[1], from + odd, length), "long write"u8);
            byte* target = to + page - length;
            Report.Equal((long)length, WithRegisters(read, ends[0], target, length), "long read"u8);
            uint same = 0;
            while (same < length && target[same] == from[odd + same])
                same++;
            Report.Equal((long)length, (long)same, "long copy"u8);
            // The memory ends in the middle: of a pipe nothing is taken then, and the registers are what they were.
            Report.Equal((long)length, WithRegisters(write, ends[1], from, length), "long write"u8);
            WithRegisters(read, ends[0], to + page - length / 2, length);
            while (WithRegisters(read, ends[0], to, page) > 0)
            {
            }
        }

        Linux.Call(close, ends[0]);
        Linux.Call(close, ends[1]);
        Linux.Call(unmap, (ulong)from, 2 * page);
        Linux.Call(unmap, (ulong)to, page);
    }

    private static long WithRegisters(ulong call, ulong descriptor, byte* buffer, ulong length)
    {
        RegisterSet set, before;
        Fill(&set, length);
        (set.Rax, set.Rdi, set.Rsi, set.Rdx) = (call, descriptor, (ulong)buffer, length);
        Copy(&before, &set);
        Linux.CallWithRegisters(&set);
        Same(&before, &set, false);
        return (long)set.Rax;
    }

    /// <summary>Copies.</summary>
    public static void Copy(RegisterSet* to, RegisterSet* from)
    {
        for (int i = 0; i < 80; i++)
            ((ulong*)to)[i] = ((ulong*)from)[i];
    }
}
