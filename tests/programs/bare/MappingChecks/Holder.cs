using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Bare;

namespace MappingChecks;

/// <summary>Maps /m/f and keeps nothing but the mapping, until it is ended.</summary>
internal static class Holder
{
    private const long Pause = 34;

    /// <summary>A letter each: Write or Read open for that; s or p map shared or private; w can write; m adds writing later; f: a child holds it.</summary>
    public static void Run(ReadOnlySpan<byte> ways)
    {
        int file = Sys.Open("/m/f\0"u8, Has(ways, (byte)'W') ? Sys.ReadWrite : Sys.ReadOnly);
        bool writes = Has(ways, (byte)'w');
        long place = Sys.Map(0, Sys.Page, writes ? Sys.Read | Sys.Write : Sys.Read, Has(ways, (byte)'s') ? Sys.Shared : Sys.Private, file);
        Sys.Close(file);
        Report.Number("mapped"u8, place > 0 ? 1 : place);
        if (Has(ways, (byte)'m'))
            Report.Number("later"u8, Sys.Protect(place, Sys.Page, Sys.Read | Sys.Write));
        if (Has(ways, (byte)'f') && Sys.Fork() != 0)
            return;
        if (Has(ways, (byte)'u'))
            Sys.Unmap(place, Sys.Page);
        Linux.Call(Pause);
    }

    private static bool Has(ReadOnlySpan<byte> ways, byte letter)
    {
        foreach (byte way in ways)
        {
            if (way == letter)
                return true;
        }

        return false;
    }

    /// <summary>The text of an argument.</summary>
    public static ReadOnlySpan<byte> Argument(ulong arguments, int index)
    {
        ref byte text = ref Linux.MemoryAt((long)MemoryMarshal.Read<ulong>(MemoryMarshal.CreateReadOnlySpan(
            ref Linux.MemoryAt((long)arguments + index * sizeof(ulong)), sizeof(ulong))));
        int length = 0;
        while (Unsafe.Add(ref text, length) != 0)
            length++;
        return MemoryMarshal.CreateReadOnlySpan(ref text, length);
    }
}
