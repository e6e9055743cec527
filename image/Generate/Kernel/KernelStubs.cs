using Libsys.Abi;
using Microkernel.Image.Elf;

namespace Microkernel.Image.Generate.Kernel;

/// <summary>Everything in the kernel that C# cannot say, as one object.</summary>
internal static class KernelStubs
{
    public static void Emit(ObjectFile o)
    {
        RuntimeSupport.Emit(o, "kernel_fail_fast");
        BootStubs.Emit(o);
        TrampolineStubs.Emit(o);
        SyscallStubs.Emit(o);
        InterruptStubs.Emit(o);
        PortStubs.Emit(o);
        RegisterStubs.Emit(o);
        MemoryStubs.Emit(o);
        // Behind all other data, which is in use all the time and then lies together.
        o.Define("log_ring", o.Bss, o.Bss.Reserve(LogBuffer.Capacity));
        EmitImageTable(o);
    }

    // In the order of the kernel's struct KernelImage.
    private static void EmitImageTable(ObjectFile o)
    {
        o.ReadOnlyData.Align(8);
        o.DefineHere("kernel_image", o.ReadOnlyData);
        foreach (string symbol in (string[])
        [
            "kernel_text_start", "kernel_text_end", "kernel_rodata_end", "kernel_data_end", "kernel_end",
            "personality_blob", "personality_blob_end", "boot_pml4", "ap_trampoline", "ap_trampoline_end", "interrupt_entries", "boot_stack_top",
            "log_ring",
        ])
            o.ReadOnlyData.Pointer64(symbol);
    }
}
