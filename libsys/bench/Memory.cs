namespace Libsys.Bench;

/// <summary>Memory that the operations work on.</summary>
internal static unsafe class Memory
{
    public const int PageLength = 4096;

    /// <summary>New memory, all of it touched.</summary>
    public static nint Allocate(int length, long flags = Numbers.MapPrivateAnonymous)
    {
        nint address = Map(length, Numbers.ProtectReadWrite, flags, -1);
        for (int at = 0; at < length; at += PageLength)
            ((byte*)address)[at] = 1;
        return address;
    }

    /// <summary>mmap(2).</summary>
    public static nint Map(long length, long protection, long flags, long file) =>
        (nint)Linux.Check(Linux.Call(Numbers.Mmap, 0, length, protection, flags, file));

    /// <summary>munmap(2).</summary>
    public static long Unmap(nint address, long length) => Linux.Call(Numbers.Munmap, address, length);

    /// <summary>Reads a byte of each page.</summary>
    public static void Read(nint address, int length)
    {
        for (int at = 0; at < length; at += PageLength)
            Volatile.Read(ref ((byte*)address)[at]);
    }

    /// <summary>Writes a byte of each page.</summary>
    public static void Write(nint address, int length)
    {
        for (int at = 0; at < length; at += PageLength)
            Volatile.Write(ref ((byte*)address)[at], 1);
    }
}
