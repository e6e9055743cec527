using System.Runtime;
using System.Runtime.CompilerServices;
using Libsys.Abi;

namespace Microkernel;

/// <summary>From the first C# instruction to the first one in ring 3.</summary>
internal static unsafe class Boot
{
    private const int MaxMemory = 32;
    private const ulong FirstMegabyte = 1 << 20;
    // Interrupt controllers: never given out as device memory.
    private const ulong ControllersStart = 0xfec0_0000, ControllersEnd = 0xfef0_0000;

    [InlineArray(2 * MaxMemory)]
    private struct Ranges
    {
        private ulong first;
    }

    // All memory of the machine, pairs of start and end.
    private static Ranges memory;
    private static int memoryCount;
    private static ulong moduleStart, moduleEnd, moduleLength, rootPointer;
    private static Account rootAccount;

    /// <param name="startInfo">Physical address of the PVH start info.</param>
    [RuntimeExport("kernel_main")]
    private static void Main(ulong startInfo)
    {
        Log.Initialize();
        Log.Line("boot"u8);
        ReadStartInfo((StartInfo*)PhysicalMap.At(startInfo));
        AddMemory();
        FrameAllocator.Build();
        Accounts.Initialize((Account*)Unsafe.AsPointer(ref rootAccount), FrameAllocator.FreeCount);
        Features.Detect();
        Personality.Find();
        Cpu.InitializeTable(NewPage());
        Acpi.Read(rootPointer, (byte*)NewPage());
        Descriptors.BuildGates(NewPage());
        KernelSpace.Build();
        Cpu* cpu = Cpu.Add(NewPage(), KernelImage.Table->BootStackTop, 0);
        ApplicationCpus.SetUp(cpu, NewPages(4));
        cpu->ApicId = LocalApic.ThisId;
        PublishedPage.Initialize(PhysicalMap.Of(NewPage()));
        IoApic.Initialize();
        LocalApic.Initialize();
        Clock.Calibrate();
        LocalApic.Initialize();
        Scheduler.Initialize(NewPage());
        Timer.Initialize(NewPage());
        WordQueues.Initialize((byte*)NewPages(2));
        HandleTable.Initialize(NewPage());
        Interrupt.Initialize(NewPage());
        Iommu.Initialize();
        Personality.CreateObject();
        PublishedPage.CreateObject();
        KernelPage* page = PublishedPage.Page;
        page->XsaveLength = Features.XsaveLength;
        page->XsaveMask = (uint)Features.XsaveMask;
        page->CopiesByWords = Features.CopiesByWords;
        page->TotalFrames = FrameAllocator.TotalCount;
        KernelLock.Enter(cpu);
        ApplicationCpus.Start();
        page->CpuCount = Cpu.Count;
        Log.Line("ready"u8, "cpus"u8, Cpu.Count, "frames"u8, FrameAllocator.FreeCount, "archive"u8, moduleLength);
        FirstSpace.Create(moduleStart, moduleLength);
        Machine.EnterOnStack(KernelImage.Table->BootStackTop, &Entry.Start);
    }

    /// <summary>A zeroed page of the kernel's own, for ever.</summary>
    public static void* NewPage()
    {
        ulong frame = FrameAllocator.AllocateZeroed(Accounts.Root);
        Panic.Assert(frame != 0, "too little memory"u8);
        return PhysicalMap.At(frame);
    }

    /// <summary>Zeroed pages side by side; while booting, frames come in order.</summary>
    public static void* NewPages(int count)
    {
        byte* first = (byte*)NewPage();
        for (int i = 1; i < count; i++)
        {
            byte* page = (byte*)NewPage();
            if (page != first + (ulong)i * PhysicalMap.PageSize)
            {
                // The end of a range lies between: start over behind it; the few pages are lost.
                first = page;
                i = 0;
            }
        }
        return first;
    }

    private static void ReadStartInfo(StartInfo* info)
    {
        Panic.Assert(info->Magic == StartInfo.MagicValue && info->Version >= 1, "bad start info"u8);
        rootPointer = info->RootPointer;
        StartMemory* map = (StartMemory*)PhysicalMap.At(info->MemoryMap);
        for (uint i = 0; i < info->MemoryMapCount && memoryCount < MaxMemory; i++)
        {
            if (map[i].Type != StartMemory.Usable)
                continue;
            ulong start = (map[i].Address + PhysicalMap.PageMask) & ~PhysicalMap.PageMask;
            ulong end = (map[i].Address + map[i].Length) & ~PhysicalMap.PageMask;
            if (end > PhysicalMap.Length)
                end = PhysicalMap.Length;
            if (start >= end)
                continue;
            memory[2 * memoryCount] = start;
            memory[2 * memoryCount + 1] = end;
            memoryCount++;
        }
        if (info->ModuleCount == 0)
            return;
        StartModule* module = (StartModule*)PhysicalMap.At(info->Modules);
        moduleStart = module->Address;
        moduleLength = module->Length;
        moduleEnd = (moduleStart + moduleLength + PhysicalMap.PageMask) & ~PhysicalMap.PageMask;
        Panic.Assert((moduleStart & PhysicalMap.PageMask) == 0, "the boot archive is not page aligned"u8);
        Panic.Assert(moduleLength <= Window.BootArchiveLimit, "the boot archive is longer than servers can see"u8);
        Panic.Assert(moduleEnd <= PhysicalMap.Length, "the boot archive lies beyond the memory that the kernel maps"u8);
    }

    // Everything but the first megabyte (firmware tables, trampoline), the kernel and the archive is free.
    private static void AddMemory()
    {
        ulong* scratch = (ulong*)Unsafe.AsPointer(ref frameRanges);
        FrameAllocator.Initialize(scratch);
        ulong kernelEnd = KernelImage.Table->End - KernelImage.Base;
        for (int i = 0; i < memoryCount; i++)
        {
            ulong start = memory[2 * i], end = memory[2 * i + 1];
            if (start < FirstMegabyte)
                start = FirstMegabyte;
            if (start < kernelEnd && end > FirstMegabyte)
                start = kernelEnd;
            if (start >= end)
                continue;
            if (moduleStart < end && moduleEnd > start)
            {
                FrameAllocator.AddRange(start, moduleStart);
                FrameAllocator.AddRange(moduleEnd, end);
            }
            else
            {
                FrameAllocator.AddRange(start, end);
            }
        }
    }

    private static Ranges frameRanges;

    /// <summary>True if a physical range holds memory, or registers that only the kernel may use.</summary>
    public static bool TouchesMemory(ulong start, ulong end)
    {
        if ((start < ControllersEnd && end > ControllersStart) || (start < Acpi.ImageEnd && end > Acpi.ImageStart))
            return true;
        for (int i = 0; i < memoryCount; i++)
            if (start < memory[2 * i + 1] && end > memory[2 * i])
                return true;
        return false;
    }
}
