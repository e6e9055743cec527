using Libsys.Abi;
using Microkernel.Layout;

namespace Microkernel.Image.Generate.Kernel;

/// <summary>Offsets that entry code uses, from the structs that declare them.</summary>
internal static class Offsets
{
    public static int Frame(string register) => Layout.OffsetOf<RegisterFrame>(register);
    public static int Cpu(string field) => Layout.OffsetOf<CpuFields>(field);
    /// <summary>From the start of a thread, which is what <see cref="CpuFields.Current"/> holds.</summary>
    public static int Thread(string field) => ThreadFields.Offset + Layout.OffsetOf<ThreadFields>(field);
    /// <summary>A register in the frame of a thread, from the thread's start.</summary>
    public static int ThreadFrame(string register) => Thread(nameof(ThreadFields.Frame)) + Frame(register);
    public static int Block(string field) => Layout.OffsetOf<ThreadBlock>(field);
}
