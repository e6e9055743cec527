using Microkernel.Image.Elf;

namespace Microkernel.Image.Generate.Kernel;

/// <summary>Everything in the kernel that C# cannot say, as one object.</summary>
internal static class KernelStubs
{
    public static void Emit(ObjectFile o)
    {
        RuntimeSupport.Emit(o, "kernel_fail_fast");
        BootStubs.Emit(o);
        PortStubs.Emit(o);
    }
}
