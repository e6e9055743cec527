using System;
using System.Runtime.CompilerServices;
using static CoreLibChecks.Program;

namespace CoreLibChecks;

internal static class ObjectChecks
{
    private interface IShape
    {
        int Area { get; }
    }

    private interface INamed
    {
        int Id();
        int Next() => Id() + 1;
    }

    private abstract class Shape : IShape
    {
        public abstract int Area { get; }
        public virtual int Corners => 0;
    }

    private sealed class Square(int side) : Shape, INamed
    {
        public override int Area => side * side;
        public override int Corners => 4;
        public int Id() => 40;
    }

    private sealed class Circle : Shape
    {
        public override int Area => 3;
    }

    private struct Point : IEquatable<Point>
    {
        public int X, Y;
        public readonly bool Equals(Point other) => X == other.X && Y == other.Y;
    }

    private static class Lazy
    {
        public static readonly Square Value = new(Opaque(5));
    }

    // Two words that must stay what they are when reference statics are stored.
    private static object? stored;
    private static int counter = 3;

    public static void Run()
    {
        Shape[] shapes = [new Square(2), new Circle()];
        int area = 0, corners = 0;
        foreach (Shape shape in shapes)
        {
            area += shape.Area;
            corners += shape.Corners;
        }
        Check(area == 7 && corners == 4, "virtual calls"u8);
        IShape contract = shapes[Opaque(1)];
        Check(contract.Area == 3, "interface calls"u8);
        Check(shapes[0] is INamed named && named.Id() == 40, "interface tests"u8);
        Check(((INamed)shapes[0]).Next() == 41, "default interface methods"u8);
        Check(shapes[1] is not Square && shapes[0] as Circle is null, "type tests"u8);
        stored = shapes[0];
        counter++;
        Check(((Square)stored).Area == 4 && counter == 4, "reference statics"u8);
        Check(Lazy.Value.Area == 25, "static constructors"u8);
        object boxed = Opaque(77);
        Check((int)boxed == 77, "boxing"u8);
        int[] numbers = new int[Opaque(100)];
        Check(numbers.Length == 100 && numbers[99] == 0, "arrays are zeroed"u8);
        Check(Same(new Point { X = 1, Y = 2 }, new Point { X = 1, Y = 2 }), "generic constraints"u8);
    }

    private static bool Same<T>(T a, T b) where T : IEquatable<T> => a.Equals(b);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Opaque(int value) => value;
}
