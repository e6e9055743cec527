using Iced.Intel;
using Microkernel.Image.Elf;
using static Iced.Intel.AssemblerRegisters;

namespace Microkernel.Image.Generate.Kernel;

/// <summary>
/// From the PVH entry (32-bit protected mode, paging off) to the first C# function in 64-bit mode. Page tables and GDT are data made at build
/// time, so that little code runs before C#. PVH: Xen "x86/HVM direct boot ABI".
/// </summary>
internal static class BootStubs
{
    private const ushort CodeSelector = 0x08, DataSelector = 0x10;

    // SDM vol. 3 §2.5 (CR0, CR4) and §2.2.1 (IA32_EFER).
    private const uint Cr4PaePgeOsFxsrOsXmmExcept = 0x6a0;
    private const uint MsrEfer = 0xC000_0080, EferSyscallLongModeNoExecute = 0x901;
    private const uint Cr0PagingWriteProtect = 0x8001_0003, Cr0Keep = 0x9fff_fffb;

    // SDM vol. 3 table 4-15: present, writable, accessed, dirty, page size (1 GiB), global.
    private const ulong LargePage = 0x183;
    private const ulong Table = 3;
    private const ulong CacheDisable = 0x18;

    private const ulong StackLength = 0x1_0000;

    public static void Emit(ObjectFile o)
    {
        EmitNote(o);
        EmitTables(o);
        EmitCode(o);
    }

    // XEN_ELFNOTE_PHYS32_ENTRY = 18: tells the loader the 32-bit physical entry point.
    private static void EmitNote(ObjectFile o)
    {
        Section note = o.AddSection(".note.pvh", SectionType.Note, SectionFlags.Allocate, 4);
        note.UInt32(4);
        note.UInt32(4);
        note.UInt32(18);
        note.Bytes("Xen\0"u8);
        note.Pointer32("pvh_start");
    }

    private static void EmitTables(ObjectFile o)
    {
        Section tables = o.AddSection(".boot.tables", SectionType.ProgramBits, SectionFlags.Allocate | SectionFlags.Write, 4096);
        // Identity map (while booting), all memory at the start of the upper half, and the kernel image at -2 GiB.
        o.DefineHere("boot_pml4", tables);
        for (int i = 0; i < 512; i++)
        {
            if (i is 0 or 256)
                tables.Pointer64("boot_pdpt", (long)Table);
            else if (i == 511)
                tables.Pointer64("boot_pdpt_high", (long)Table);
            else
                tables.UInt64(0);
        }
        o.DefineHere("boot_pdpt", tables);
        for (ulong i = 0; i < 512; i++)
            tables.UInt64(i < 64 ? (i << 30) | LargePage | (i == 3 ? CacheDisable : 0) : 0);
        o.DefineHere("boot_pdpt_high", tables);
        for (int i = 0; i < 512; i++)
            tables.UInt64(i == 510 ? LargePage : 0);
        o.DefineHere("boot_gdt", tables);
        foreach (ulong descriptor in (ulong[])[0, 0x00af_9b00_0000_ffff, 0x00cf_9300_0000_ffff])
            tables.UInt64(descriptor);
        o.DefineHere("boot_gdt_pointer", tables);
        tables.UInt16(3 * 8 - 1);
        tables.Pointer64("boot_gdt");
    }

    private static void EmitCode(ObjectFile o)
    {
        Section boot = o.AddSection(".boot", SectionType.ProgramBits, SectionFlags.Allocate | SectionFlags.Execute, 16);
        // In front of the data (kernel.ld): what entries use of it then shares a page with what they use of those.
        Section stack = o.AddSection(".boot.stack", SectionType.NoBits, SectionFlags.Allocate | SectionFlags.Write, 16);
        o.Define("boot_stack", stack, stack.Reserve(StackLength));
        o.DefineHere("boot_stack_top", stack);

        // ebx = physical address of the start info.
        o.Function("pvh_start", boot, a =>
        {
            a.cld();
            a.mov(eax, cr4);
            a.or(eax, Cr4PaePgeOsFxsrOsXmmExcept);
            a.mov(cr4, eax);
            a.mov(eax, (uint)o.Address("boot_pml4"));
            a.mov(cr3, eax);
            a.mov(ecx, MsrEfer);
            a.rdmsr();
            a.or(eax, EferSyscallLongModeNoExecute);
            a.wrmsr();
            a.mov(eax, cr0);
            a.and(eax, unchecked((int)Cr0Keep));
            a.or(eax, unchecked((int)Cr0PagingWriteProtect));
            a.mov(cr0, eax);
            a.lgdt(__[(uint)o.Address("boot_gdt_pointer")]);
            a.AddInstruction(Instruction.CreateBranch(Code.Jmp_ptr1632, CodeSelector, (uint)o.Address("boot_long_mode")));
        }, bitness: 32);

        o.Function("boot_long_mode", boot, a =>
        {
            a.mov(eax, DataSelector);
            a.mov(ss, eax);
            a.mov(ds, eax);
            a.mov(es, eax);
            a.mov(rsp, o.Address("boot_stack_top"));
            // Ends the chain of frame pointers.
            a.xor(ebp, ebp);
            a.mov(edi, ebx);
            a.mov(rax, o.Address("kernel_main"));
            a.call(rax);
            Label halt = a.CreateLabel();
            a.Label(ref halt);
            a.hlt();
            a.jmp(halt);
        });
    }
}
