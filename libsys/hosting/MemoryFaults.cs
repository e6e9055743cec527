using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Libsys.Hosting;

/// <summary>Spoils the memory of the own process, for <see cref="Libsys.Messages.InjectedFault"/>.</summary>
internal static unsafe class MemoryFaults
{
    // Some words near what is used all the time: fewer are met seldom, more end any program.
    private const int Words = 16, Reach = 16 << 10;

    private const int CodeBytes = 8, CodeReach = 4096, PageLength = 4096;

    private const int ReadWriteExecute = 7;

    /// <summary>Changes random words around an object: its neighbours are what else the server has made when it started.</summary>
    public static void ChangeObjects(Random random, object center)
    {
        // The address may be the object's former one when it has been moved meanwhile: then this is heap all the same.
        byte* around = *(byte**)Unsafe.AsPointer(ref center);
        for (int count = 0; count < Words; count++)
        {
            ulong* word = (ulong*)((nint)(around + random.Next(-Reach, Reach)) & -sizeof(ulong));
            *word = (ulong)random.NextInt64();
        }
    }

    /// <summary>Writes random bytes over code of the loop.</summary>
    /// <exception cref="InvalidOperationException">The system does not let code be written.</exception>
    public static void ChangeCode(Random random)
    {
        byte* target = (byte*)(delegate* managed<ulong, bool>)&EventLoop.IsLong + random.Next(-CodeReach, CodeReach);
        nint page = (nint)target & -PageLength;
        if (Protect(page, 2 * PageLength, ReadWriteExecute) != 0)
            throw new InvalidOperationException("code cannot be written");
        for (int count = 0; count < CodeBytes; count++)
            target[count] = (byte)random.Next();
    }

    // mprotect(2).
    [DllImport("libc", EntryPoint = "mprotect")]
    private static extern int Protect(nint address, nint length, int protection);
}
