namespace Internal.Runtime;

/// <summary>
/// ilc's type descriptor. After it come the vtable (NumVtableSlots pointers), the interface list (NumInterfaces pointers)
/// and 32-bit relative pointers to the type's writable data, dispatch map and sealed slots.
/// </summary>
public unsafe struct MethodTable
{
    /// <summary>Bytes an element of an array or string; 0 otherwise.</summary>
    internal ushort ComponentSize;
    internal ushort Flags;

    /// <summary>Bytes an instance, with its header word and without array elements.</summary>
    internal uint BaseSize;

    /// <summary>The base type, or the element type of an array.</summary>
    internal MethodTable* RelatedType;
    internal ushort NumVtableSlots;
    internal ushort NumInterfaces;
    internal uint HashCode;

    /// <summary>Whether the type implements interfaces, so that it has a dispatch map.</summary>
    internal readonly bool HasDispatchMap => (Flags & 4) != 0;

    internal static void** Vtable(MethodTable* type) => (void**)(type + 1);
    internal static MethodTable** Interfaces(MethodTable* type) => (MethodTable**)(Vtable(type) + type->NumVtableSlots);
}
