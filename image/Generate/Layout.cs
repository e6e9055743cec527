using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Microkernel.Image.Generate;

/// <summary>Offsets and sizes of the C# structs that generated code shares with compiled code. They are declared once, in C#.</summary>
internal static class Layout
{
#pragma warning disable RS0030 // Layout is asked here, for the whole tool; no memory is touched.
    /// <summary>Byte offset of a field: <c>Layout.OffsetOf&lt;RegisterFrame&gt;(nameof(RegisterFrame.Rip))</c>.</summary>
    public static int OffsetOf<T>(string field) where T : struct
    {
        Check<T>();
        return (int)Marshal.OffsetOf<T>(field);
    }

    /// <summary>Size of a struct in bytes.</summary>
    public static int SizeOf<T>() where T : struct
    {
        Check<T>();
        return Unsafe.SizeOf<T>();
    }

    // Marshal answers for the marshalled form, which differs from memory for bool, char and references: refuse those.
    private static void Check<T>() where T : struct
    {
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>() || Marshal.SizeOf<T>() != Unsafe.SizeOf<T>())
            throw new InvalidOperationException($"{typeof(T).Name} is not blittable");
    }
}
