using System.Runtime.CompilerServices;

namespace System;

/// <summary>Searching and comparing spans.</summary>
public static class MemoryExtensions
{
    public static Span<T> AsSpan<T>(this T[] array) => new(array);
    public static Span<T> AsSpan<T>(this T[] array, int start, int length) => new(array, start, length);
    public static ReadOnlySpan<char> AsSpan(this string text) => text;

    public static bool SequenceEqual<T>(this ReadOnlySpan<T> a, ReadOnlySpan<T> b) where T : IEquatable<T>
    {
        if (a.Length != b.Length)
            return false;
        for (int i = 0; i < a.Length; i++)
        {
            if (!a[i].Equals(b[i]))
                return false;
        }
        return true;
    }

    public static bool SequenceEqual<T>(this Span<T> a, ReadOnlySpan<T> b) where T : IEquatable<T> => ((ReadOnlySpan<T>)a).SequenceEqual(b);

    public static bool StartsWith<T>(this ReadOnlySpan<T> span, ReadOnlySpan<T> prefix) where T : IEquatable<T> =>
        span.Length >= prefix.Length && span.Slice(0, prefix.Length).SequenceEqual(prefix);

    /// <summary>Index of the first <paramref name="value"/>, or -1.</summary>
    public static int IndexOf<T>(this ReadOnlySpan<T> span, T value) where T : IEquatable<T>
    {
        for (int i = 0; i < span.Length; i++)
        {
            if (span[i].Equals(value))
                return i;
        }
        return -1;
    }

    public static int IndexOf<T>(this Span<T> span, T value) where T : IEquatable<T> => ((ReadOnlySpan<T>)span).IndexOf(value);
}
