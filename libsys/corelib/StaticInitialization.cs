using System.Runtime;
using System.Runtime.CompilerServices;

namespace Internal.Runtime
{
    /// <summary>Start-up of reference-typed statics.</summary>
    public static unsafe class StaticInitialization
    {
        // Only its address matters: ilc's table of the sections that a start-up has to visit.
        [MethodImpl(MethodImplOptions.InternalCall)]
        [RuntimeImport("*", "__ReadyToRunHeader")]
        private static extern void ReadyToRunHeader();

        // ReadyToRunSectionType.GCStaticRegion.
        private const int GCStaticRegion = 201;

        /// <summary>
        /// Allocates the one object that holds each type's reference-typed statics. Call it once, after allocation works and before any such
        /// static is touched: without it they seem to work and overwrite type data.
        /// </summary>
        public static void Run()
        {
            byte* header = (byte*)(delegate*<void>)&ReadyToRunHeader;
            int count = *(ushort*)(header + 12);
            int entrySize = header[14];
            byte* row = header + 16;
            for (int i = 0; i < count; i++, row += entrySize)
            {
                if (*(int*)row == GCStaticRegion)
                    AllocateRegion(*(int**)(row + 8), *(int**)(row + 16));
            }
        }

        private static void AllocateRegion(int* start, int* end)
        {
            for (int* relative = start; relative < end; relative++)
            {
                int* cell = (int*)((byte*)relative + *relative);
                nint target = (nint)cell + *cell;
                // Bit 0: not yet allocated. Bit 1: preinitialised data follows.
                if ((target & 1) == 0)
                    continue;
                MethodTable* type = (MethodTable*)(target & ~3);
                void** statics = (void**)Allocation.NewObject(type);
                if ((target & 2) != 0)
                    BlockMemory.Move(ref *(byte*)(statics + 1), ref *((byte*)(cell + 1) + cell[1]), type->BaseSize - 16);
                *(void***)cell = statics;
            }
        }
    }
}

namespace System.Runtime.CompilerServices
{
    // Called by name before the first access to statics of a type with a static constructor. Single-threaded: images touch such
    // types first during start-up, on one CPU.
    internal static unsafe class ClassConstructorRunner
    {
        private static nint CheckStaticClassConstructionReturnNonGCStaticBase(ref StaticClassConstructionContext context, nint statics)
        {
            CheckStaticClassConstruction(ref context);
            return statics;
        }

        private static nint CheckStaticClassConstructionReturnGCStaticBase(ref StaticClassConstructionContext context, object statics)
        {
            CheckStaticClassConstruction(ref context);
            return *(nint*)&statics;
        }

        private static void CheckStaticClassConstruction(ref StaticClassConstructionContext context)
        {
            nint constructor = context.cctorMethodAddress;
            if (constructor == 0)
                return;
            context.cctorMethodAddress = 0;
            ((delegate*<void>)constructor)();
        }
    }

    public struct StaticClassConstructionContext
    {
        public nint cctorMethodAddress;
    }
}

namespace Internal.Runtime.CompilerHelpers
{
    // Only named, for the scanner that runs before code generation.
    internal static class StartupCodeHelpers { }

    // Only named for `ldtoken`: CreateSpan and InitializeArray are expanded, so none of these is ever called.
    internal static class LdTokenHelpers
    {
        private static System.RuntimeTypeHandle GetRuntimeTypeHandle(nint pointer) => default;
        private static System.RuntimeMethodHandle GetRuntimeMethodHandle(nint pointer) => default;
        private static System.RuntimeFieldHandle GetRuntimeFieldHandle(nint pointer) => default;
        private static System.Type GetRuntimeType(nint pointer) => null;
    }
}
