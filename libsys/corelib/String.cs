using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Internal.Runtime.CompilerHelpers;

namespace System;

/// <summary>A string literal: UTF-16, made at compile time. There is nothing that builds one at run time; text is <c>ReadOnlySpan&lt;byte&gt;</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public sealed class String
{
    // ilc lays literals out as length, then characters.
    internal readonly int _stringLength;
    internal char _firstChar;

    public int Length => _stringLength;

    [IndexerName("Chars")]
    public char this[int index]
    {
        [Intrinsic]
        get
        {
            if ((uint)index >= (uint)_stringLength)
                ThrowHelpers.ThrowIndexOutOfRangeException();
            return Unsafe.Add(ref _firstChar, index);
        }
    }

    public ref readonly char GetPinnableReference() => ref _firstChar;

    public ReadOnlySpan<char>.Enumerator GetEnumerator() => ((ReadOnlySpan<char>)this).GetEnumerator();

    public static bool operator ==(string a, string b)
    {
        if ((object)a == (object)b)
            return true;
        if (a is null || b is null || a.Length != b.Length)
            return false;
        for (int i = 0; i < a.Length; i++)
        {
            if (a[i] != b[i])
                return false;
        }
        return true;
    }

    public static bool operator !=(string a, string b) => !(a == b);
    public static bool Equals(string a, string b) => a == b;
    public override bool Equals(object other) => other is string s && s == this;
    public override int GetHashCode() => _stringLength;

    public static implicit operator ReadOnlySpan<char>(string text) =>
        text is null ? default : new ReadOnlySpan<char>(ref text._firstChar, text._stringLength);
}
