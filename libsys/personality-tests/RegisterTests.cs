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
        Report.Line("ok registers"u8);
    }

    /// <summary>Copies.</summary>
    public static void Copy(RegisterSet* to, RegisterSet* from)
    {
        for (int i = 0; i < 80; i++)
            ((ulong*)to)[i] = ((ulong*)from)[i];
    }
}
