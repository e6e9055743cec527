using Libsys.Abi;

namespace Microkernel;

/// <summary>The one space that the kernel makes by itself; what runs there starts everything else.</summary>
internal static unsafe class FirstSpace
{
    private static KernelObject machine;

    /// <summary>The space; nothing is left to do without it.</summary>
    public static AddressSpace* Space;

    /// <summary>Creates the space with the boot handles and the archive, and its first thread at the personality's StartEntry.</summary>
    public static void Create(ulong archive, ulong length)
    {
        AddressSpace* space = AddressSpace.Create(Accounts.Root, null, 0);
        Panic.Assert(space != null && space->MapWindow() == KernelStatus.Ok, "no memory for the first space"u8);
        Space = space;
        // Never ended for want of handles.
        space->OutsideHandles = 1;
        machine.Type = ObjectType.Machine;
        machine.References = 1;
        KernelObject* m = (KernelObject*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref machine);
        Install(space, WellKnownHandle.BootMachine, m, Rights.All);
        Install(space, WellKnownHandle.BootAccount, &Accounts.Root->Header, Rights.All);
        if (length != 0)
        {
            ulong pages = (length + PhysicalMap.PageMask) & ~PhysicalMap.PageMask;
            MemoryObject* o = MemoryObject.Create(Accounts.Root, MemoryKind.Physical, pages, archive);
            Panic.Assert(o != null, "no memory for the archive"u8);
            Install(space, WellKnownHandle.BootArchive, &o->Header, Rights.Read | Rights.Execute | Rights.Manage | Rights.Duplicate);
            KernelStatus status = space->Map(Window.BootArchive, Window.BootArchive + pages, MapFlags.Read | MapFlags.Shared | MapFlags.ForkOmit,
                MapFlags.Read, o, 0, 0, false);
            Panic.Assert(status == KernelStatus.Ok, "cannot map the archive"u8);
        }
        if (Acpi.ImageEnd != Acpi.ImageStart)
        {
            MemoryObject* o = MemoryObject.Create(Accounts.Root, MemoryKind.Physical, Acpi.ImageEnd - Acpi.ImageStart, Acpi.ImageStart);
            Panic.Assert(o != null, "no memory for the root image"u8);
            Install(space, WellKnownHandle.BootImage, &o->Header, Rights.Read | Rights.Duplicate);
        }
        Panic.Assert(space->SetSlot(0, AddressSpace.ReservedSlot), "no memory for the first slot"u8);
        Thread* thread = Thread.Create(space, 0, Personality.Header->StartEntry, 0, 0, Scheduler.DefaultPriority);
        Panic.Assert(thread != null, "no memory for the first thread"u8);
        Thread.Join(thread);
        Scheduler.MakeReady(thread);
    }

    private static void Install(AddressSpace* space, uint index, KernelObject* o, Rights rights)
    {
        long handle = HandleTable.Install(space, index, o, o->Type, rights, 0);
        Panic.Assert(handle == index, "cannot install a boot handle"u8);
    }
}
