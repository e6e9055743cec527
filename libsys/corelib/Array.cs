namespace System;

/// <summary>Base of arrays: the length follows the method table pointer, the elements follow at offset 16.</summary>
public abstract class Array : Collections.IEnumerable
{
    internal int _numComponents;

    public int Length => _numComponents;

    // Only named, so that `foreach` over an array binds; the compiler turns it into an index loop.
    Collections.IEnumerator Collections.IEnumerable.GetEnumerator() => null;
}

// ilc gives every T[] the interfaces and methods of this type.
internal class Array<T> : Array { }
