using System.Threading;
using Microkernel.Layout;

namespace Microkernel;

/// <summary>Starting the other CPUs (SDM vol. 3 §8.4.4: INIT, then a start-up IPI).</summary>
internal static unsafe class ApplicationCpus
{
    private const int StackPages = 4;
    private const ulong InitDelay = 10_000_000;
    // A CPU that came later than this would find its data in use by another. An emulated one starts when its host has time.
    private const ulong StartTimeout = 3_000_000_000;
    private static uint arrived;

    /// <summary>Switches everything on, on this CPU. The upper part of its page takes its descriptors.</summary>
    public static void SetUp(Cpu* cpu, void* interruptStacks)
    {
        Features.Enable();
        Descriptors.Load(cpu, (byte*)cpu + 1024, (byte*)interruptStacks);
        // The boot tables' one-to-one map is global: leaving PGE off for a moment drops it (SDM vol. 3 §4.10.4.1).
        const ulong Cr4PageGlobal = 1 << 7;
        ulong cr4 = Machine.ReadCr4();
        Machine.WriteCr4(cr4 & ~Cr4PageGlobal);
        Machine.WriteCr3(KernelSpace.Root);
        Machine.WriteCr4(cr4 | Cr4PageGlobal);
    }

    /// <summary>Starts all CPUs that ACPI names, one after the other. They wait for the kernel lock, which the caller holds.</summary>
    public static void Start()
    {
        KernelImage* image = KernelImage.Table;
        Machine.CopyWords(PhysicalMap.At(TrampolineData.CodeAddress), (void*)image->TrampolineStart, image->TrampolineEnd - image->TrampolineStart);
        TrampolineData* data = (TrampolineData*)PhysicalMap.At(TrampolineData.DataAddress);
        // The GDT must lie below 4 GiB: behind the data, in the same page.
        ulong* segments = (ulong*)(data + 1);
        segments[0] = 0;
        segments[Selectors.KernelCode / 8] = 0x00af_9b00_0000_ffff;
        segments[Selectors.KernelData / 8] = 0x00cf_9300_0000_ffff;
        data->PageTables = image->BootTables;
        data->GdtPointer = 23 | (PhysicalMap.Of(segments) << 16);
        data->Entry = (ulong)(delegate*<Cpu*, void>)&Enter;
        uint own = LocalApic.ThisId;
        for (uint i = 0; i < Acpi.CpuCount && Cpu.Count < Cpu.Max; i++)
        {
            uint id = Acpi.ApicId(i);
            if (id != own)
                StartOne(data, id);
        }
    }

    private static void StartOne(TrampolineData* data, uint apicId)
    {
        byte* stack = (byte*)Boot.NewPages(StackPages);
        Cpu* cpu = Cpu.Add(Boot.NewPage(), (ulong)stack + StackPages * PhysicalMap.PageSize, apicId);
        cpu->InterruptStacks = Boot.NewPages(4);
        data->Stack = cpu->Fields.KernelStack;
        data->Argument = (ulong)cpu;
        uint before = Volatile.Read(ref arrived);
        LocalApic.SendInit(apicId);
        Wait(InitDelay, uint.MaxValue);
        for (int tries = 0; tries < 2; tries++)
        {
            LocalApic.SendStartup(apicId, TrampolineData.CodeAddress);
            if (Wait(StartTimeout, before))
                return;
        }
        Log.Line("a CPU does not start"u8, "apic"u8, apicId);
        Cpu.Count--;
    }

    // Waits some nanoseconds, or until a CPU has arrived; true: it has.
    private static bool Wait(ulong nanoseconds, uint before)
    {
        ulong end = Machine.TimeStamp() + Clock.TicksOf(nanoseconds);
        while (Machine.TimeStamp() < end)
        {
            if (before != uint.MaxValue && Volatile.Read(ref arrived) != before)
                return true;
            Machine.Pause();
        }
        return false;
    }

    private static void Enter(Cpu* cpu)
    {
        SetUp(cpu, cpu->InterruptStacks);
        LocalApic.Initialize();
        Volatile.Write(ref arrived, arrived + 1);
        KernelLock.Enter(cpu);
        Entry.Start();
    }
}
