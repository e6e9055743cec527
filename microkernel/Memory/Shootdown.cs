using System.Runtime.CompilerServices;
using System.Threading;

namespace Microkernel;

/// <summary>
/// Removal of stale address translations on all CPUs (SDM vol. 3 §4.10.5). Under the kernel lock a call collects what it changed and which
/// frames must not be used again before every CPU has forgotten them; <see cref="Commit"/> asks the CPUs concerned at once, waits, and frees.
/// A CPU on which the space is not loaded needs nothing; one that halts is only marked and flushes when it wakes.
/// </summary>
internal static unsafe class Shootdown
{
    // Above this many pages, dropping all translations is cheaper than one by one.
    private const uint SinglePages = 16;

    private static ulong cpuMask;
    private static uint localPages;
    // Number of the first frame that waits; 0 ends the list.
    private static uint pending;

    /// <summary>The translation of one page of a space was removed or restricted.</summary>
    public static void Page(AddressSpace* space, ulong address)
    {
        if (space->ActiveCpus == 0)
            return;
        cpuMask |= space->ActiveCpus;
        Cpu* cpu = Cpu.Current;
        if (cpu->LoadedSpace == space && localPages++ < SinglePages)
            Machine.InvalidatePage(address);
    }

    /// <summary>Frees a frame once no CPU can reach it any more.</summary>
    public static void FreeFrame(ulong physical)
    {
        // Linked through the frame table: another CPU may still write to the frame itself.
        FrameAllocator.RecordOf(physical)->NextPending = pending;
        pending = (uint)(physical / PhysicalMap.PageSize);
    }

    /// <summary>Takes one holder of a data frame away, and frees it with the last one.</summary>
    public static void ReleaseFrame(ulong physical)
    {
        if (--FrameAllocator.RecordOf(physical)->ShareCount == 0)
            FreeFrame(physical);
    }

    /// <summary>Nothing waits for <see cref="Commit"/>.</summary>
    public static bool IsEmpty
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (cpuMask | pending) == 0;
    }

    /// <summary>Makes all changes seen everywhere, then frees the frames collected.</summary>
    public static void Commit()
    {
        if (cpuMask != 0)
        {
            Cpu* self = Cpu.Current;
            ulong others = cpuMask & ~self->Mask;
            if ((cpuMask & self->Mask) != 0 && localPages > SinglePages)
                Machine.WriteCr3(Machine.ReadCr3());
            if (others != 0)
                Ask(others);
            cpuMask = 0;
            localPages = 0;
        }
        while (pending != 0)
        {
            ulong physical = pending * PhysicalMap.PageSize;
            pending = FrameAllocator.RecordOf(physical)->NextPending;
            FrameAllocator.Free(physical);
        }
    }

    /// <summary>
    /// Makes every CPU that still has a space loaded load the kernel's own tables, so that the space's can be freed. No CPU may run a thread of it.
    /// </summary>
    public static void Evict(AddressSpace* space)
    {
        Cpu* self = Cpu.Current;
        for (uint i = 0; i < Cpu.Count; i++)
        {
            Cpu* cpu = Cpu.At(i);
            if (cpu->LoadedSpace != space)
                continue;
            cpu->LoadedSpace = null;
            space->ActiveCpus &= ~cpu->Mask;
            if (cpu == self)
            {
                Machine.WriteCr3(KernelSpace.Root);
                continue;
            }
            Volatile.Write(ref cpu->EvictRequested, 1);
            // One that spins for a thread, or then for the lock, looks at the request.
            if (cpu->Spins == 0)
                LocalApic.Send(cpu->ApicId, Vectors.Shootdown);
            while (Volatile.Read(ref cpu->EvictRequested) != 0) { }
        }
    }

    /// <summary>Does what other CPUs asked of this one. Called on every entry, and while spinning for the kernel lock.</summary>
    public static void Answer(Cpu* cpu)
    {
        if (Volatile.Read(ref cpu->EvictRequested) != 0)
        {
            Machine.WriteCr3(KernelSpace.Root);
            Volatile.Write(ref cpu->EvictRequested, 0);
        }
        if (Volatile.Read(ref cpu->FlushRequested) != 0)
        {
            Machine.WriteCr3(Machine.ReadCr3());
            Volatile.Write(ref cpu->FlushRequested, 0);
        }
    }

    private static void Ask(ulong others)
    {
        for (uint i = 0; i < Cpu.Count; i++)
        {
            Cpu* cpu = Cpu.At(i);
            if ((others & cpu->Mask) == 0)
                continue;
            if (cpu->Idle != 0)
            {
                // Runs nothing of ring 3 before it has taken the kernel lock, and flushes then.
                cpu->StaleTranslations = 1;
                others &= ~cpu->Mask;
                continue;
            }
            Volatile.Write(ref cpu->FlushRequested, 1);
            LocalApic.Send(cpu->ApicId, Vectors.Shootdown);
        }
        for (uint i = 0; i < Cpu.Count; i++)
        {
            Cpu* cpu = Cpu.At(i);
            while ((others & cpu->Mask) != 0 && Volatile.Read(ref cpu->FlushRequested) != 0) { }
        }
    }
}
