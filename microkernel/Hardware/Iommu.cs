using System.Runtime.CompilerServices;
using System.Threading;

namespace Microkernel;

/// <summary>
/// The unit between devices and memory (Intel VT-d 4.0: translation §3, tables §9, registers §11; without scalable mode). A function without a domain reaches
/// nothing. Nothing is renamed: the addresses that a device uses are those of memory, and a domain's tables say which of them it may use.
/// </summary>
internal static unsafe class Iommu
{
    /// <summary>Numbers of functions: bus, device, function.</summary>
    public const uint Functions = 1 << 16;

    private const uint Capability = 0x08, ExtendedCapability = 0x10, Command = 0x18, Status = 0x1c, RootTable = 0x20, FaultStatus = 0x34, FaultControl = 0x38,
        FaultData = 0x3c, FaultAddress = 0x40, FaultUpperAddress = 0x44, QueueTail = 0x88, QueueAddress = 0x90;
    // In the capabilities: what is used here, and entries that are cached while they are absent, which only units say that are emulated for a guest.
    private const ulong HasThreeLevels = 1 << 9, CachesAbsent = 1 << 7, HasQueue = 1 << 1;
    private const uint Translation = 1u << 31, SetRoot = 1 << 30, EnableQueue = 1 << 26;
    private const uint FaultOverflow = 1, FaultPending = 2;
    private const ulong FaultRecorded = 1ul << 63, FaultOfRead = 1ul << 62;

    // Three levels, 39 bits, are more than the kernel's map of memory.
    private const int Levels = 3;
    private const ulong Present = 1, Access = 3, WidthOfThreeLevels = 1;
    // How often a domain has pinned a frame: bits that the unit ignores (§9.8).
    private const ulong OneMore = 1ul << 52, Most = 0x3fful << 52;

    // In the second word of a context, a bit that is the software's (§9.3).
    private const ulong WasRefused = 8;
    private const uint MostNotes = 256;

    // Descriptors (§6.5.2): a function's context, a page's or a domain's translations when earlier accesses have come to their end, a word to be written.
    private const ulong ForgetAllContexts = 0x11, ForgetContext = 0x31, ForgetAll = 0xd2, ForgetDomain = 0xe2, ForgetPage = 0xf2, WriteWord = 0x25;
    private const uint QueueLength = 256;
    // Above it a whole domain is cheaper than page after page.
    private const ulong MostPages = 16;
    // Looks at what the unit does within microseconds.
    private const uint Patience = 100_000_000;

    private static byte* registers, faults;
    private static ulong* root, queue, notes;
    private static uint tail, faultCount, mode, done, noted, taken;

    /// <summary>There is one, and it is in use.</summary>
    public static bool IsThere => registers != null;

    // Not inlined: the compiler would narrow the access where few bits are asked for, and registers answer whole words only.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static uint Read(uint register) => Volatile.Read(ref *(uint*)(registers + register));
    private static ulong ReadLong(byte* at) => Volatile.Read(ref *(ulong*)at);
    private static void Write(uint register, uint value) => Volatile.Write(ref *(uint*)(registers + register), value);
    private static void WriteLong(uint register, ulong value) => Volatile.Write(ref *(ulong*)(registers + register), value);

    /// <summary>Switches it on: no function reaches anything.</summary>
    public static void Initialize()
    {
        if (Acpi.Iommu == 0)
            return;
        byte* at = PhysicalMap.At(Acpi.Iommu);
        ulong capability = ReadLong(at + Capability), extended = ReadLong(at + ExtendedCapability);
        if ((capability & (HasThreeLevels | CachesAbsent)) != HasThreeLevels || (extended & HasQueue) == 0)
        {
            Log.Line("iommu cannot be used"u8, "capability"u8, capability, "extended"u8, extended);
            return;
        }
        registers = at;
        root = (ulong*)Boot.NewPage();
        queue = (ulong*)Boot.NewPage();
        notes = (ulong*)Boot.NewPage();
        // Most machines have no other bus; what the table takes is nobody's then.
        ContextOf(0);
        faults = at + ((capability >> 24) & 0x3ff) * 16;
        faultCount = (uint)(capability >> 40 & 0xff) + 1;
        WriteLong(QueueTail, 0);
        WriteLong(QueueAddress, PhysicalMap.Of(queue));
        Enable(EnableQueue);
        WriteLong(RootTable, PhysicalMap.Of(root));
        Enable(SetRoot);
        Add(ForgetAllContexts, 0);
        Add(ForgetAll, 0);
        Finish();
        Enable(Translation);
        Log.Line("iommu"u8, "registers"u8, Acpi.Iommu);
    }

    private static void Enable(uint bit)
    {
        Write(Command, mode | bit);
        if (bit != SetRoot)
            mode |= bit;
        for (uint looks = 0; (Read(Status) & bit) == 0; looks++)
            Panic.Assert(looks < Patience, "the IOMMU does not answer"u8);
    }

    private static void Add(ulong low, ulong high)
    {
        queue[2 * tail] = low;
        queue[2 * tail + 1] = high;
        tail = (tail + 1) % QueueLength;
    }

    // Waits until the unit has done what was added.
    private static void Finish()
    {
        done = 0;
        Add(WriteWord | 1ul << 32, (ulong)Unsafe.AsPointer(ref done) - KernelImage.Base);
        WriteLong(QueueTail, tail * 16);
        for (uint looks = 0; Volatile.Read(ref done) == 0; looks++)
            Panic.Assert(looks < Patience, "the IOMMU does not finish"u8);
    }

    // The entry of a function in the table of its bus; null: there is none, and no memory for one.
    private static ulong* ContextOf(uint function)
    {
        ulong* bus = root + 2 * (function >> 8);
        if (*bus == 0)
        {
            ulong table = FrameAllocator.AllocateZeroed(Accounts.Root);
            if (table == 0)
                return null;
            *bus = table | Present;
        }
        return (ulong*)PhysicalMap.At(*bus & PageTree.AddressMask) + 2 * (function & 0xff);
    }

    /// <summary>Gives a function the tables of a domain, instead of another's. False: no memory.</summary>
    public static bool Attach(uint function, ulong tables)
    {
        ulong* context = ContextOf(function);
        if (context == null)
            return false;
        Clear(function, context);
        // A function has one domain at a time, so its number does for that of the domain.
        context[1] = WidthOfThreeLevels | (ulong)function << 8;
        Volatile.Write(ref *context, tables | Present);
        return true;
    }

    /// <summary>Takes the tables away from a function that has them still.</summary>
    public static void Detach(uint function, ulong tables)
    {
        ulong* context = ContextOf(function);
        if (context != null && *context == (tables | Present))
            Clear(function, context);
    }

    private static void Clear(uint function, ulong* context)
    {
        Volatile.Write(ref *context, 0);
        Add(ForgetContext | (ulong)function << 16 | (ulong)function << 32, 0);
        Add(ForgetDomain | (ulong)function << 16, 0);
        Finish();
    }

    /// <summary>Lets a domain's function have a frame, once more. False: no memory, or too often.</summary>
    public static bool Map(DmaDomain* domain, ulong frame)
    {
        ulong* entry = PageTree.Create(domain->Tables, Levels, frame / PhysicalMap.PageSize, domain->Header.Account);
        if (entry == null || (*entry & Most) == Most)
            return false;
        PageTree.Set(entry, ((*entry & Most) | frame | Access) + OneMore);
        return true;
    }

    /// <summary>Takes frames away, each once; the function does not reach those any more that nothing else lets it have.</summary>
    public static void Unmap(DmaDomain* domain, uint* frames, ulong count)
    {
        ulong domainBits = (ulong)domain->Function << 16;
        for (ulong i = 0; i < count; i++)
        {
            ulong* entry = PageTree.Find(domain->Tables, Levels, frames[i]);
            if ((*entry & Most) != OneMore)
                *entry -= OneMore;
            else
                PageTree.Clear(domain->Tables, Levels, frames[i], entry);
            if (count <= MostPages)
                Add(ForgetPage | domainBits, frames[i] * PhysicalMap.PageSize);
        }
        if (count == 0 || count > MostPages)
            Add(ForgetDomain | domainBits, 0);
        Finish();
    }

    /// <summary>Has a message sent when an access has been refused.</summary>
    public static void ReportFaults(ulong address, uint data)
    {
        Write(FaultData, data);
        Write(FaultAddress, (uint)address);
        Write(FaultUpperAddress, (uint)(address >> 32));
        Write(FaultControl, 0);
    }

    // Notes what has been refused since the last look: for who takes it, and at the function's context. One read of a register if there is nothing.
    private static void Look()
    {
        if ((Read(FaultStatus) & (FaultPending | FaultOverflow)) == 0)
            return;
        for (uint record = 0; record < faultCount; record++)
        {
            byte* at = faults + record * 16;
            ulong what = ReadLong(at + 8);
            if ((what & FaultRecorded) == 0)
                continue;
            ulong* context = ContextOf((uint)what & (Functions - 1));
            if (context != null)
                context[1] |= WasRefused;
            ulong* note = notes + 2 * (noted % MostNotes);
            note[0] = what;
            note[1] = ReadLong(at);
            // Who takes none for long loses the newest ones.
            noted = noted - taken < MostNotes ? noted + 1 : noted;
            Volatile.Write(ref *(ulong*)(at + 8), FaultRecorded);
        }
        Write(FaultStatus, FaultOverflow);
    }

    /// <summary>
    /// A domain's function has been refused an access since it got this domain, or has another by now. What it has said to have done before this is asked may
    /// not have happened: the device does not know that it was refused a write.
    /// </summary>
    public static bool IsDoubtful(DmaDomain* domain)
    {
        if (domain->Tables == 0)
            return false;
        Look();
        ulong* context = ContextOf(domain->Function);
        return context == null || *context != (domain->Tables | Present) || (context[1] & WasRefused) != 0;
    }

    /// <summary>Takes a note of a refused access: function, address of the page, reason, whether it was a write. False: there is none.</summary>
    public static bool TakeFault(ulong* words)
    {
        Look();
        if (noted == taken)
            return false;
        ulong* note = notes + 2 * (taken++ % MostNotes);
        words[0] = note[0] & (Functions - 1);
        words[1] = note[1] & ~PhysicalMap.PageMask;
        words[2] = note[0] >> 32 & 0xff;
        words[3] = (note[0] & FaultOfRead) == 0 ? 1ul : 0;
        return true;
    }
}
