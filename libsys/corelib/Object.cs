using Internal.Runtime;

namespace System;

/// <summary>The root type: one pointer to the type's <see cref="MethodTable"/>, then the fields.</summary>
public unsafe class Object
{
    internal MethodTable* m_pMethodTable;

    public Object() { }

    // ilc gives every vtable these four slots, in this order.
    ~Object() { }

    public virtual bool Equals(object other) => this == other;
    public virtual int GetHashCode() => 0;
    public virtual string ToString() => null;

    public static bool ReferenceEquals(object a, object b) => a == b;
}
