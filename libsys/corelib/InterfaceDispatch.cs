using Internal.Runtime;

namespace System.Runtime;

internal static unsafe class InterfaceDispatch
{
    // Called by the generated stub RhpInitialDynamicInterfaceDispatch with the object and its dispatch cell, on every interface call:
    // nothing is cached, so interfaces are for cold paths. Prefer generics with constraints where it matters.
    [RuntimeExport("resolve_interface")]
    private static nint Resolve(object target, nint* cell)
    {
        // Cells of one call site family lie in a row; the row ends in a zero, followed by the slot number.
        nint* end = cell;
        while (end[0] != 0)
            end += 2;
        int slot = (int)end[1];
        // The second word holds a relative pointer to the interface type; its low two bits are flags.
        MethodTable* contract = (MethodTable*)(((nint)(cell + 1) + *(int*)(cell + 1)) & ~3);
        MethodTable* own = target.m_pMethodTable;
        for (MethodTable* type = own; type != null; type = type->RelatedType)
        {
            if (!type->HasDispatchMap)
                continue;
            MethodTable** interfaces = MethodTable.Interfaces(type);
            int* tail = (int*)(interfaces + type->NumInterfaces);
            // Dispatch map: four counts, then (interface index, interface slot, implementing slot) triples.
            ushort* map = (ushort*)((byte*)(tail + 2) + tail[2]);
            int count = map[0] + map[1];
            ushort* entry = map + 4;
            for (int i = 0; i < count; i++, entry += 3)
            {
                if (entry[1] != slot || interfaces[entry[0]] != contract)
                    continue;
                if (entry[2] < type->NumVtableSlots)
                    return (nint)MethodTable.Vtable(own)[entry[2]];
                int* sealedSlot = (int*)((byte*)(tail + 3) + tail[3]) + (entry[2] - type->NumVtableSlots);
                return (nint)((byte*)sealedSlot + *sealedSlot);
            }
        }
        FailFast.With(FailFastCode.MissingInterfaceMethod);
        return 0;
    }
}
