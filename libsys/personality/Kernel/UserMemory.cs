using System.Runtime.CompilerServices;
using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>
/// The only way to program memory. Every method checks that the range lies below the window and survives a fault; false (or a short count) means
/// EFAULT. Read a value once, then check and use the copy: other threads of the program change it meanwhile.
/// </summary>
internal static unsafe class UserMemory
{
    /// <summary>True if [address, address + length) lies below the window.</summary>
    public static bool IsUser(ulong address, ulong length) => address <= Window.Base && length <= Window.Base - address;

    /// <summary>Copies from the program.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool CopyIn(void* destination, ulong source, ulong length) =>
        IsUser(source, length) && Stubs.UserCopy((ulong)destination, source, length) == 0;

    /// <summary>Copies to the program.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool CopyOut(ulong destination, void* source, ulong length) =>
        IsUser(destination, length) && Stubs.UserCopy(destination, (ulong)source, length) == 0;

    /// <summary>Copies from the program as far as it goes; returns the bytes copied.</summary>
    public static ulong CopyInPartly(void* destination, ulong source, ulong length) =>
        IsUser(source, length) ? length - Stubs.UserCopy((ulong)destination, source, length) : 0;

    /// <summary>Copies to the program as far as it goes; returns the bytes copied.</summary>
    public static ulong CopyOutPartly(ulong destination, void* source, ulong length) =>
        IsUser(destination, length) ? length - Stubs.UserCopy(destination, (ulong)source, length) : 0;

    /// <summary>Writes zeros.</summary>
    public static bool Fill(ulong destination, ulong length) => IsUser(destination, length) && Stubs.UserZero(destination, length) == 0;

    /// <summary>
    /// Copies a NUL-terminated string into <paramref name="destination"/> of <paramref name="capacity"/> bytes. Returns the length without NUL,
    /// -EFAULT, or -ENAMETOOLONG if no NUL is within the capacity.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long CopyString(byte* destination, ulong source, ulong capacity)
    {
        if (source >= Window.Base)
            return -Errno.EFAULT;
        ulong limit = Window.Base - source < capacity ? Window.Base - source : capacity;
        long length = Stubs.UserString(destination, source, limit);
        if (length < 0)
            return -Errno.EFAULT;
        return (ulong)length < limit ? length : limit < capacity ? -Errno.EFAULT : -Errno.ENAMETOOLONG;
    }

    /// <summary>Reads 4 bytes.</summary>
    public static bool ReadU32(ulong address, out uint value)
    {
        uint read = 0;
        bool done = IsUser(address, 4) && Stubs.UserRead32(address, &read) != 0;
        value = read;
        return done;
    }

    /// <summary>Reads 8 bytes.</summary>
    public static bool ReadU64(ulong address, out ulong value)
    {
        ulong read = 0;
        bool done = IsUser(address, 8) && Stubs.UserRead64(address, &read) != 0;
        value = read;
        return done;
    }

    /// <summary>Writes 2 bytes.</summary>
    public static bool WriteU16(ulong address, ushort value) => IsUser(address, 2) && Stubs.UserWrite16(address, value) != 0;

    /// <summary>Writes 4 bytes.</summary>
    public static bool WriteU32(ulong address, uint value) => IsUser(address, 4) && Stubs.UserWrite32(address, value) != 0;

    /// <summary>Writes 8 bytes.</summary>
    public static bool WriteU64(ulong address, ulong value) => IsUser(address, 8) && Stubs.UserWrite64(address, value) != 0;

    /// <summary>Atomic compare-exchange; <paramref name="found"/> is the old value. False only on a fault.</summary>
    public static bool CompareExchange(ulong address, uint expected, uint desired, out uint found)
    {
        uint old = 0;
        bool done = IsUser(address, 4) && Stubs.UserCompareExchange32(address, expected, desired, &old) != 0;
        found = old;
        return done;
    }
}
