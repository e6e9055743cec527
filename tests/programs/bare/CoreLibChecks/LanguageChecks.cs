using System;
using System.Runtime.CompilerServices;
using static CoreLibChecks.Program;

namespace CoreLibChecks;

internal static class LanguageChecks
{
    private interface INumber<T> where T : INumber<T>
    {
        static abstract int Value { get; }
    }

    private struct Six : INumber<Six>
    {
        public static int Value => 6;
    }

    private ref struct Scope(ref int count)
    {
        private readonly ref int count = ref count;

        public readonly void Dispose() => count++;
    }

    private enum Colour : byte
    {
        Red,
        Green = 5,
    }

    private static readonly int[] Preinitialised = [1, 2, 3];
    private static string text = "first";

    public static void Run()
    {
        Check(ValueOf<Six>() == 6, "static abstract members"u8);
        int? none = null, some = 3;
        Check(!none.HasValue && some.Value == 3 && (none ?? 4) == 4, "nullable values"u8);
        int disposed = 0;
        using (new Scope(ref disposed))
            Check(disposed == 0, "using enters"u8);
        Check(disposed == 1, "using disposes"u8);
        Check(Finally(ref disposed) == 1 && disposed == 2, "finally runs"u8);
        (int a, ulong b) = (1, 2ul);
        (a, b) = ((int)b, (ulong)a);
        Check(a == 2 && b == 1, "tuples"u8);
        Check(Switch("second") == 2 && Switch("none") == 0, "switch over strings"u8);
        Check(Preinitialised[2] == 3, "preinitialised statics"u8);
        text = "second";
        Check(text.Length == 6 && text[0] == 's' && text == "second", "strings and reference statics"u8);
        int characters = 0;
        foreach (char c in text)
            characters += c == 'e' ? 1 : 0;
        Check(characters == 1, "foreach over a string"u8);
        Func<int, int> twice = static x => 2 * x;
        Check(twice(21) == 42, "static lambdas"u8);
        int captured = 5;
        Func<int> closure = () => captured + 1;
        Check(closure() == 6, "closures"u8);
        Func<int, int> group = Square;
        Check(group(9) == 81, "method groups"u8);
        Check(Name(Colour.Green) == 5 && Name(Colour.Red) == 0, "enumerations and patterns"u8);
    }

    private static int ValueOf<T>() where T : INumber<T> => T.Value;

    private static int Square(int x) => x * x;

    private static int Name(Colour colour) => colour switch
    {
        Colour.Red => 0,
        Colour.Green => 5,
        _ => -1,
    };

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Finally(ref int count)
    {
        try
        {
            return count;
        }
        finally
        {
            count++;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Switch(string name) => name switch
    {
        "first" => 1,
        "second" => 2,
        "third" => 3,
        "fourth" => 4,
        "fifth" => 5,
        "sixth" => 6,
        "seventh" => 7,
        _ => 0,
    };
}
