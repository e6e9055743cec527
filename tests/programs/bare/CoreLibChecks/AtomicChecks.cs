using System.Threading;
using static CoreLibChecks.Program;

namespace CoreLibChecks;

internal static class AtomicChecks
{
    private static int signed = 5;
    private static uint word = 5;
    private static long wide = 5;
    private static ulong wideWord = 5;

    public static void Run()
    {
        Check(Interlocked.CompareExchange(ref signed, 7, 4) == 5 && signed == 5, "CompareExchange that differs"u8);
        Check(Interlocked.CompareExchange(ref word, 7, 5) == 5 && word == 7, "CompareExchange of uint"u8);
        Check(Interlocked.CompareExchange(ref wide, -7, 5) == 5 && wide == -7, "CompareExchange of long"u8);
        Check(Interlocked.CompareExchange(ref wideWord, ulong.MaxValue, 5) == 5 && wideWord == ulong.MaxValue, "CompareExchange of ulong"u8);
        Check(Interlocked.Exchange(ref word, 1) == 7 && Interlocked.Exchange(ref wideWord, 2) == ulong.MaxValue, "Exchange"u8);
        Check(Interlocked.Or(ref word, 6) == 1 && word == 7 && Interlocked.And(ref word, 5) == 7 && word == 5, "And and Or of uint"u8);
        Check(Interlocked.Or(ref wideWord, 1ul << 63) == 2 && wideWord == (1ul << 63 | 2), "Or of ulong"u8);
        Check(Interlocked.And(ref wide, 0xff) == -7 && wide == 0xf9, "And of long"u8);
        Check(Interlocked.Increment(ref signed) == 6 && Interlocked.Decrement(ref word) == 4 && Interlocked.Add(ref wide, 7) == 0x100, "Add"u8);
        Volatile.Write(ref wideWord, 0x1_0000_0000);
        Volatile.Write(ref word, 3);
        Check(Volatile.Read(ref wideWord) == 0x1_0000_0000 && Volatile.Read(ref word) == 3, "Volatile"u8);
        Interlocked.MemoryBarrier();
    }
}
