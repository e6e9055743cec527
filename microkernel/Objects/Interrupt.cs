using System.Runtime.InteropServices;
using Libsys.Abi;

namespace Microkernel;

/// <summary>
/// A device line bound to a notification. Level-triggered lines are masked from the interrupt to the acknowledgement. The lines after the
/// I/O APIC's are messages that devices send (MSI).
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Interrupt
{
    public KernelObject Header;
    public uint Line;
    public Notification* Notification;
    public ulong Bits;

    // One holder a line.
    private static Interrupt** lines;

    /// <summary>Takes room for the table of lines.</summary>
    public static void Initialize(void* page) => lines = (Interrupt**)page;

    /// <summary>Binds a line; null: no memory. The line must exist and be free.</summary>
    public static Interrupt* Create(Account* account, uint line, Notification* notification, ulong bits)
    {
        Interrupt* interrupt = (Interrupt*)KernelObject.Allocate(account, ObjectType.Interrupt, (uint)sizeof(Interrupt));
        if (interrupt == null)
            return null;
        notification->Header.Acquire();
        interrupt->Line = line;
        interrupt->Notification = notification;
        interrupt->Bits = bits;
        lines[line] = interrupt;
        if (line < IoApic.Lines)
            IoApic.Enable(line, Cpu.At(0)->ApicId);
        return interrupt;
    }

    /// <summary>True if nobody holds the line.</summary>
    public static bool IsFree(uint line) => lines[line] == null;

    /// <summary>A free line for messages, 0: none.</summary>
    public static uint FreeMessageLine()
    {
        uint line = IoApic.Lines;
        while (line < Vectors.Lines && !IsFree(line))
            line++;
        return line < Vectors.Lines ? line : 0;
    }

    public static void Free(Interrupt* interrupt)
    {
        if (interrupt->Line < IoApic.Lines)
            IoApic.Mask(interrupt->Line);
        lines[interrupt->Line] = null;
        KernelObject.Release(&interrupt->Notification->Header);
        ObjectAllocator.Free(interrupt);
    }

    /// <summary>
    /// The line fired. An edge or a message is not masked: the controller would lose the next one, and without a driver's doing there is none.
    /// </summary>
    public static void Fire(uint line)
    {
        PublishedPage.Page->Interrupts++;
        Interrupt* interrupt = lines[line];
        if (IoApic.IsLevel(line) || (interrupt == null && line < IoApic.Lines))
            IoApic.Mask(line);
        LocalApic.Acknowledge();
        if (interrupt != null)
            Microkernel.Notification.Signal(interrupt->Notification, interrupt->Bits);
    }

    /// <summary>Lets the line fire again.</summary>
    public static void Acknowledge(Interrupt* interrupt)
    {
        if (IoApic.IsLevel(interrupt->Line))
            IoApic.Enable(interrupt->Line, Cpu.At(0)->ApicId);
    }
}

