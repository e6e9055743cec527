using Libsys.Abi;
using Microkernel.Layout;

namespace Microkernel.Image.Generate.Kernel;

/// <summary>Offsets that entry code uses, from the structs that declare them.</summary>
internal static class Offsets
{
    public static int Frame(string register) => Layout.OffsetOf<RegisterFrame>(register);
    public static int Cpu(string field) => Layout.OffsetOf<CpuFields>(field);
    public static int Thread(string field) => Layout.OffsetOf<ThreadFields>(field);
    public static int Block(string field) => Layout.OffsetOf<ThreadBlock>(field);
}
