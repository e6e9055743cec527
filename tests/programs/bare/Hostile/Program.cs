using System.Runtime;
using Bare;
using Internal.Runtime;

namespace Hostile;

/// <summary>
/// A program that means harm: <c>hostile WAY SEED ROUNDS</c>, WAY being r (rings), c (control calls), e (control calls of a program that is being loaded), l
/// (long lookups), n (noise in shared areas), or a, which names these areas. It gives up root first, each seed for a user of its own, so that what it may do by
/// right it can do to itself only.
/// </summary>
internal static class Program
{
    private const long SetUser = 117, SetGroup = 119;
    private const int FirstUser = 1000;

    [RuntimeExport("program_main")]
    private static int Main(int argumentCount, ulong arguments)
    {
        StaticInitialization.Run();
        if (argumentCount != 4)
            return 2;
        byte way = (byte)Gate.Word(Argument(arguments, 1));
        int seed = Number(Argument(arguments, 2)), rounds = Number(Argument(arguments, 3));
        Linux.Call(SetGroup, FirstUser + seed, FirstUser + seed, FirstUser + seed);
        if (Linux.Call(SetUser, FirstUser + seed, FirstUser + seed, FirstUser + seed) != 0)
            return 2;
        switch (way)
        {
            case (byte)'r':
                RingVandal.Run((ulong)seed, rounds);
                break;
            case (byte)'c':
                ControlVandal.Run((ulong)seed, rounds);
                break;
            case (byte)'e':
                ControlVandal.Load();
                break;
            case (byte)'n':
                AreaVandal.Run((ulong)seed, rounds);
                break;
            case (byte)'a':
                AreaVandal.List();
                break;
            case (byte)'l':
                RingVandal.LookUp(Lookups.Prepare(), rounds);
                break;
        }

        return 0;
    }

    private static ulong Argument(ulong arguments, uint index) => Gate.Word(arguments + index * sizeof(ulong));

    private static int Number(ulong address)
    {
        int value = 0;
        for (; Byte(address) is >= (byte)'0' and <= (byte)'9'; address++)
            value = value * 10 + Byte(address) - '0';
        return value;
    }

    private static byte Byte(ulong address) => (byte)(Gate.Word(address & ~7ul) >> (int)(address & 7) * 8);
}
