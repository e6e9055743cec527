using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Internal.Runtime
{
    /// <summary><c>new</c> of classes and arrays: memory comes from the image that links this library, and is never given back.</summary>
    internal static unsafe class Allocation
    {
        /// <summary>Returns <paramref name="size"/> zeroed bytes, aligned to 8, or 0 when there are none.</summary>
        [MethodImpl(MethodImplOptions.InternalCall)]
        [RuntimeImport("*", "image_allocate")]
        private static extern void* ImageAllocate(nuint size);

        [RuntimeExport("RhpNewFast")]
        internal static void* NewObject(MethodTable* type)
        {
            void** memory = (void**)Allocate(type->BaseSize);
            *memory = type;
            return memory;
        }

        [RuntimeExport("RhpNewArrayFast")]
        internal static void* NewArray(MethodTable* type, nint length)
        {
            if ((nuint)length > int.MaxValue)
                FailFast.With(FailFastCode.Overflow);
            void** memory = (void**)Allocate(type->BaseSize + (nuint)length * type->ComponentSize);
            *memory = type;
            *(int*)(memory + 1) = (int)length;
            return memory;
        }

        [RuntimeExport("RhNewObject")]
        private static void* NewObjectSlow(MethodTable* type) => NewObject(type);

        [RuntimeExport("RhpNewPtrArrayFast")]
        private static void* NewReferenceArray(MethodTable* type, nint length) => NewArray(type, length);

        [RuntimeExport("RhNewArray")]
        private static void* NewArraySlow(MethodTable* type, nint length) => NewArray(type, length);

        private static void* Allocate(nuint size)
        {
            void* memory = ImageAllocate((size + 7) & ~(nuint)7);
            if (memory == null)
                FailFast.With(FailFastCode.OutOfMemory);
            return memory;
        }
    }
}

namespace System.Runtime
{
    using Internal.Runtime;

    // Called by name for boxing and unboxing.
    internal static unsafe class RuntimeExports
    {
        private static object RhNewObject(MethodTable* type)
        {
            void* memory = Allocation.NewObject(type);
            return *(object*)&memory;
        }

        private static Array RhNewArray(MethodTable* type, int length)
        {
            void* memory = Allocation.NewArray(type, length);
            return *(Array*)&memory;
        }

        private static object RhBox(MethodTable* type, ref byte data)
        {
            void* memory = Allocation.NewObject(type);
            // BaseSize counts the header word before the object and the type pointer.
            BlockMemory.Move(ref *((byte*)memory + 8), ref data, type->BaseSize - 16);
            return *(object*)&memory;
        }

        private static ref byte RhUnbox2(MethodTable* type, object value)
        {
            if (value.m_pMethodTable != type)
                FailFast.With(FailFastCode.InvalidCast);
            return ref Unsafe.As<RawObjectData>(value).Data;
        }

        private static void RhUnboxTypeTest(MethodTable* type, MethodTable* boxed)
        {
            if (type != boxed)
                FailFast.With(FailFastCode.InvalidCast);
        }

        private static void RhUnboxNullable(ref byte destination, MethodTable* type, object value) =>
            FailFast.With(FailFastCode.InvalidCast);
    }
}
