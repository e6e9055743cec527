using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Internal.Runtime;

namespace System.Runtime;

// Called by name for `is`, `as`, casts and stores into arrays of references. Interfaces match exactly: there is no variance.
internal static unsafe class TypeCast
{
    private static object IsInstanceOfClass(MethodTable* type, object value)
    {
        if (value == null)
            return null;
        for (MethodTable* t = value.m_pMethodTable; t != null; t = t->RelatedType)
        {
            if (t == type)
                return value;
        }
        return null;
    }

    private static object IsInstanceOfInterface(MethodTable* type, object value)
    {
        if (value == null)
            return null;
        MethodTable* own = value.m_pMethodTable;
        MethodTable** interfaces = MethodTable.Interfaces(own);
        for (int i = 0; i < own->NumInterfaces; i++)
        {
            if (interfaces[i] == type)
                return value;
        }
        return null;
    }

    private static object CheckCastClass(MethodTable* type, object value)
    {
        if (value != null && IsInstanceOfClass(type, value) == null)
            FailFast.With(FailFastCode.InvalidCast);
        return value;
    }

    private static object CheckCastInterface(MethodTable* type, object value)
    {
        if (value != null && IsInstanceOfInterface(type, value) == null)
            FailFast.With(FailFastCode.InvalidCast);
        return value;
    }

    private static object CheckCastClassSpecial(MethodTable* type, object value) => CheckCastClass(type, value);
    private static object IsInstanceOfAny(MethodTable* type, object value) => IsInstanceOfClass(type, value);
    private static object CheckCastAny(MethodTable* type, object value) => CheckCastClass(type, value);
    private static bool IsInstanceOfException(MethodTable* type, object value) => IsInstanceOfClass(type, value) != null;

    private static void StelemRef(object[] array, nint index, object value) => Element(array, index) = value;
    private static ref object LdelemaRef(object[] array, nint index, MethodTable* type) => ref Element(array, index);

    private static ref object Element(object[] array, nint index)
    {
        if ((nuint)index >= (nuint)array.Length)
            FailFast.With(FailFastCode.IndexOutOfRange);
        return ref Unsafe.Add(ref Unsafe.As<byte, object>(ref Unsafe.As<RawArrayData>(array).Data), index);
    }
}
