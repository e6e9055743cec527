using System;
using System.Runtime;

namespace Libsys.Personality;

/// <summary>The first C# code of the personality in a new address space.</summary>
internal static unsafe class Start
{
    [RuntimeExport("personality_main")]
    private static void Main(ulong threadBlock)
    {
    }

    [RuntimeExport("personality_fail_fast")]
    private static void FailFast(int code, ulong address)
    {
    }

    [RuntimeExport("image_allocate")]
    private static void* Allocate(nuint size) => null;
}
