namespace Libsys.Abi;

/// <summary>
/// Kernel calls. Made by calling <see cref="Window.Gate"/> with rax = number and up to six arguments in the System V argument registers
/// (rdi, rsi, rdx, rcx, r8, r9). Result in rax: a value ≥ 0 or a negative <see cref="KernelStatus"/>; rcx, r10, r11 are lost, everything else
/// (vector state included) is kept. No argument is a pointer to memory that the kernel reads or writes, except words (see Word calls) and the
/// caller's own thread block. Addresses and lengths are in bytes, page aligned unless said; times are nanoseconds since boot
/// (<see cref="KernelPage"/>); a deadline of ulong.MaxValue is never, 0 is poll. "space", "account" etc. are handles; the needed right is in brackets.
/// </summary>
public enum KernelCall : uint
{
    /// <summary>() → 0. Does nothing: the floor of every measurement.</summary>
    Null = 0,
    /// <summary>(machine[Write], length ≤ MessageLength): writes the message area's bytes to the kernel's log port as one piece.</summary>
    LogWrite = 1,
    /// <summary>(machine[Manage], nanoseconds): sets KernelPage.WallOffset.</summary>
    ClockSet = 2,
    /// <summary>
    /// (machine[Manage], 0): stops QEMU through the debug-exit port after the log is out. For the supervisor's panic; ordinary power-off is a server's.
    /// </summary>
    Halt = 3,
    /// <summary>
    /// (machine[Read], position) → n: bytes of the kernel's log, its own and LogWrite's, that the kernel keeps the last 64 KiB of. Message words: 0 position of
    /// the first byte given (later than asked for if those bytes are no longer kept), 1 position at the log's end; the n bytes follow them. The next position
    /// is word 0 + n; n is 0 at the end. BadArgument: beyond the end.
    /// </summary>
    LogRead = 4,
    /// <summary>
    /// (machine[Read], frames, notification[Signal], bits): signals once, when after a charge fewer frames than this can still be charged to the root account;
    /// then it has to be called again. There is one watch: a later call replaces it, and it ends with its notification. frames 0: none.
    /// </summary>
    MemoryWatch = 5,

    // Handles
    /// <summary>(handle). Closes it; the last close of an object frees it (queued where that is long).</summary>
    HandleClose = 10,
    /// <summary>(handle[Duplicate], rights mask) → new handle in the own table.</summary>
    HandleDuplicate = 11,
    /// <summary>
    /// (space[Manage], index or 0 for any, handle[Duplicate], rights mask) → index. Installs a duplicate in another space's table. Occupied if the index is
    /// taken.
    /// </summary>
    HandleInstall = 12,
    /// <summary>(handle) → ObjectType | rights &lt;&lt; 8.</summary>
    HandleQuery = 13,
    /// <summary>
    /// (endpoint[Manage], badge) → new endpoint handle with Signal|Duplicate and this badge. A badge is in the handle, so the receiver can trust it.
    /// </summary>
    EndpointMint = 14,
    /// <summary>(notification[Manage], bits) → new handle with Signal|Duplicate that can only signal these bits, whatever the caller passes.</summary>
    NotificationMint = 15,
    /// <summary>
    /// (space[Manage], index or 0 for any, endpoint[Manage], badge) → index: an endpoint handle with this badge and Signal alone, in another space's table.
    /// Occupied if the index is taken.
    /// </summary>
    EndpointInstall = 16,

    // Accounts
    /// <summary>
    /// (parent account[Manage], frame limit, handle limit, AccountFlags | priority cap &lt;&lt; 8) → account. Threads of spaces that it pays for have at most
    /// the cap as priority; 0 = the parent's, which is the most. A committed account's limits are charged to its ancestors now (NoMemory if they, or the
    /// machine, do not have that much) and given back when it is freed: charges up to them cannot fail later.
    /// </summary>
    AccountCreate = 20,
    /// <summary>
    /// (account[Read]): message words 0 frame limit, 1 frames charged (committed children with their whole limit), 2 handle limit, 3 handles charged, 4 peak
    /// frames, 5 AccountFlags | priority cap &lt;&lt; 8.
    /// </summary>
    AccountQuery = 21,

    // Memory objects
    /// <summary>
    /// (account or 0 = own space's[Manage], length, MemoryFlags) → memory object. Anonymous; sparse and charged as pages are touched, unless Sealed: then
    /// committed now.
    /// </summary>
    MemoryCreate = 30,
    /// <summary>(object[Destroy]): ends all mappings, frees all frames.</summary>
    MemoryDestroy = 31,
    /// <summary>
    /// (object[Manage], offset, length, 1 = private copies too): unmaps the range everywhere and frees its frames; next touch reads zero, or asks the pager.
    /// Without the last, what a private mapping has copied stays. Not on sealed objects. Message word 0, for at most 64 pages: those that a mapping had written
    /// since MemoryCollectDirty, whose frame may be another object's too.
    /// </summary>
    MemoryDiscard = 32,
    /// <summary>
    /// (machine[Map], physical address, length, account[Manage] or 0 = own space's) → memory object for device registers (uncached). BadArgument: the range
    /// touches memory.
    /// </summary>
    MemoryDevice = 33,
    /// <summary>
    /// (object[Read]) → committed bytes; message words 0 length, 1 flags, 2 committed bytes, 3 regions that map it, 4 its identity, as SpaceQuery tells it,
    /// 5 regions that can write it, now or after SpaceProtect.
    /// </summary>
    MemoryQuery = 34,
    /// <summary>
    /// (object[Manage], offset, length ≤ 128 pages): write-protects the range everywhere; message words 0–1: bitmap of pages that were dirty. From then on
    /// pages that were only read are not (MemoryShare).
    /// </summary>
    MemoryCollectDirty = 35,
    /// <summary>(account[Manage] or 0, length, endpoint[Manage], badge) → pager-backed memory object: touching a missing page calls the endpoint.</summary>
    MemoryCreatePaged = 36,
    /// <summary>
    /// (paged object[Manage], offset, length, source object[Read], source offset): moves frames from an anonymous object into a pager-backed one.
    /// </summary>
    MemorySupply = 37,
    /// <summary>
    /// (paged object[Manage], offset, length, source object[Read|Write], source offset, 0 or 1): makes pages of a source pages of a pager-backed object too:
    /// one frame, which both show, charged to who allocated it until the last gives it up. A page that is there already stays. NotMapped: the source lacks one
    /// (those before it are shared). A physical source (Read is enough) lends its pages: nobody can write them through this object, and a write to a shared
    /// mapping asks the pager as for a missing page. 1: until the next MemoryCollectDirty of the object its pages are dirty that were touched in any way, but
    /// for those that a space only read which has ended.
    /// </summary>
    MemoryShare = 38,
    /// <summary>
    /// (paged object[Manage], length): ends the pager's part. The object is anonymous from now on and as long as said: missing pages read as zero and are
    /// charged to the object's account, beyond the end there is nothing. BadState: it has pages there.
    /// </summary>
    MemoryDetach = 39,

    // Address spaces
    /// <summary>
    /// (account[Manage], fault endpoint[Manage] or 0, badge) → space with the window's own regions mapped. Faults nobody takes, and the death, are messages to
    /// the endpoint with this badge.
    /// </summary>
    SpaceCreate = 40,
    /// <summary>(space[Manage]): ends all threads, unmaps all. Long: restarts itself until done.</summary>
    SpaceDestroy = 41,
    /// <summary>
    /// (space[Manage, or Map with limits], address, length, MapFlags | label &lt;&lt; 32, object or 0 = anonymous private, offset) → 0. Occupied unless
    /// Replace. What SpaceProtect may add later is what the object's handle allows, less NeverWrite and NeverExecute. With Map alone: an object, a range below
    /// the window, and Replace only what SpaceOffer has offered (else Occupied); in the window that is all, and nothing is free (NoRight). The label, of an
    /// object's mapping and 0 for none, means what the mapper likes: SpaceQuery tells it, and it stays over fork, move, protection and the end of a part.
    /// </summary>
    SpaceMap = 42,
    /// <summary>(space[Manage], address, length). Holes are fine.</summary>
    SpaceUnmap = 43,
    /// <summary>(space[Manage], address, length, MapFlags protection bits only). NotMapped if there is a hole; nothing has changed then.</summary>
    SpaceProtect = 44,
    /// <summary>
    /// (space[Read], address) → start of the region that holds it or of the next one above (negative NotMapped: none). Message words: 0 start, 1 length, 2
    /// MapFlags, 3 object identity or 0, 4 offset, 5 resident bytes, 6 label.
    /// </summary>
    SpaceQuery = 45,
    /// <summary>(space[Read], length, lowest, highest exclusive, alignment) → highest address in the range where length bytes are free, or NoMemory.</summary>
    SpaceFindGap = 46,
    /// <summary>
    /// (space[Manage], old address, length, new address, 1 = the region stays): moves a range that lies in one region (NotMapped: it does not), or its pages
    /// alone; the target must be free and must not overlap. Attributes are kept. Of more than 256 pages the memory that the move may lack is taken beforehand
    /// and given back with its end; what other threads of the space change meanwhile is not reckoned with.
    /// </summary>
    SpaceMove = 47,
    /// <summary>(space[Manage], address, length): frees private pages in the range, next touch is zero (or the object's page).</summary>
    SpaceDiscard = 48,
    /// <summary>
    /// (space[Manage], account[Manage], fault endpoint[Manage], badge) → new space: each region copied (copy-on-write), shared or left out as it says. No
    /// handles, no threads. Long: restarts itself.
    /// </summary>
    SpaceFork = 49,
    /// <summary>(space[Manage], group): interrupts all threads of the group.</summary>
    SpaceInterrupt = 50,
    /// <summary>(space[Manage], group): stops the group's threads at once (also in ring 3 on other CPUs), keeping their waits.</summary>
    SpaceSuspend = 51,
    /// <summary>(space[Manage], group).</summary>
    SpaceResume = 52,
    /// <summary>(space[Manage], group): ends the group's threads.</summary>
    SpaceTerminate = 53,
    /// <summary>
    /// (space[Read], group or 0 = all): message words 0 resident bytes, 1 mapped bytes (without the window's own regions), 2 user ns, 3 system ns, 4 threads, 5
    /// minor faults, 6 threads that run or could, 7 the most bytes that the account which pays for the space has been charged. CPU times include ended threads.
    /// </summary>
    SpaceUsage = 54,
    /// <summary>(space[Manage], address, length): commits and pins nothing, but touches each page for write now (populate).</summary>
    SpacePopulate = 55,
    /// <summary>
    /// (space[Manage], address, length ≤ MessageLength) → n: copies bytes of another space into the message area, whatever their protection; the debugging
    /// right. Fewer than length where the rest is not there, NotMapped if nothing is: no region, device registers, or a page that only a pager has. Changes
    /// nothing and waits for nobody.
    /// </summary>
    SpaceRead = 56,
    /// <summary>
    /// (space[Manage], slot): kernel-saved registers of the thread in a slot into the message area (RegisterFrame). BadState: no thread, or it is not suspended
    /// and does not wait (a fault waits). What a thread in the window has stored of its program is in ThreadBlock.Frame.
    /// </summary>
    SpaceReadRegisters = 57,
    /// <summary>
    /// (space[Manage], address, length, 1 or 0): offers what is mapped in the range to be replaced by a SpaceMap of who has only the right Map; 0 takes the
    /// offer back, from all of each region that the range touches. Contents and protection stay until then, so a mapping that is refused has replaced nothing.
    /// A fork does not copy offers. BadArgument: the range touches the window's own regions.
    /// </summary>
    SpaceOffer = 58,
    /// <summary>
    /// (space[Manage], address, length, MapFlags of protection, Shared and ForkOmit, from) → 0: maps once more, at a free address (else Occupied), what a
    /// mapping of the space with MayRepeat shows from another address on: the same pages of the same object. SpaceProtect may add to it what it may add to that
    /// one, and to a private one what is written to copies. NotMapped: the range is not within one such mapping. NoRight: that one cannot have the protection.
    /// BadState: the object is destroyed.
    /// </summary>
    SpaceRepeat = 59,
    /// <summary>
    /// (space[Manage], address, other space[Manage], source, length ≤ 64 KiB; all multiples of 8): copies bytes of the other space, as SpaceRead finds them,
    /// into pages of the space that get there as if it had written itself. NotMapped: one of the two is not there, or the space may not write; NoMemory. What
    /// came before that is copied. Waits for nobody.
    /// </summary>
    SpaceCopy = 130,

    // Threads
    /// <summary>(space[Manage]) → a free thread slot, reserved until ThreadCreate or ThreadRelease.</summary>
    ThreadReserve = 60,
    /// <summary>(space[Manage], slot): gives a reserved slot back.</summary>
    ThreadRelease = 61,
    /// <summary>
    /// (space[Manage], slot, entry rip, argument, group, ThreadFlags | priority &lt;&lt; 8) → thread. Starts at rip with rdi = block, rsi = argument, rsp =
    /// stack top of the slot, rflags 0x202, initial FPU state; the words of its message area are 0, or with WithWords the caller's. Slot may be unreserved.
    /// With Self as space, the group is the caller's own. 0, and no handle, with WithoutHandle. Priority 0 = the caller's; never above the account's cap.
    /// </summary>
    ThreadCreate = 62,
    /// <summary>
    /// (exit argument, word address or 0): ends the calling thread; then stores 0 (32 bit) at the word and wakes one waiter there. The slot is free after that.
    /// </summary>
    ThreadExit = 63,
    /// <summary>(thread[Manage]).</summary>
    ThreadSuspend = 64,
    /// <summary>(thread[Manage]).</summary>
    ThreadResume = 65,
    /// <summary>(thread[Manage]): see ThreadBlock.Pending.</summary>
    ThreadInterrupt = 66,
    /// <summary>(thread[Read]): registers of a suspended thread into the message area (RegisterFrame).</summary>
    ThreadReadRegisters = 67,
    /// <summary>(thread[Manage]): from the message area; cs, ss and the fixed flags are not taken.</summary>
    ThreadWriteRegisters = 68,
    /// <summary>(thread[Manage], priority 1–31).</summary>
    ThreadSetPriority = 69,
    /// <summary>(thread[Manage], CPU mask).</summary>
    ThreadSetAffinity = 70,
    /// <summary>(): lets another thread of the same priority run.</summary>
    ThreadYield = 71,
    /// <summary>() → address of the calling thread's block.</summary>
    ThreadSelf = 72,
    /// <summary>(thread[Read]): message words 0 user ns, 1 system ns, 2 state, 3 CPU.</summary>
    ThreadUsage = 73,
    /// <summary>(slot) → 1 if a thread of the own space holds it, 0 if not. ThreadInterrupt for a thread without a handle: see ThreadInterruptSlot.</summary>
    ThreadSlotInUse = 74,
    /// <summary>(slot): interrupts the thread of the own space in that slot.</summary>
    ThreadInterruptSlot = 75,

    // Notifications
    /// <summary>(account[Manage] or 0 = own space's) → notification.</summary>
    NotificationCreate = 80,
    /// <summary>(notification[Signal], bits): ors them in and wakes the waiter that came last. Bit 63 is reserved.</summary>
    NotificationSignal = 81,
    /// <summary>(notification[Wait], deadline, WaitFlags) → the bits, which are cleared.</summary>
    NotificationWait = 82,
    /// <summary>
    /// (notification[Signal], bits, notification[Wait], deadline, WaitFlags) → the second one's bits. Signals, then waits, as one step that hands the CPU to
    /// the woken thread.
    /// </summary>
    SignalAndWait = 83,
    /// <summary>
    /// (notification[Manage], bits, deadline, period of 10 µs to 2^58 ns or 0): one timer a notification; a later call replaces it; deadline ulong.MaxValue
    /// disarms.
    /// </summary>
    TimerSet = 84,

    // Words: 32-bit aligned words in user memory, keyed by (space, address) in private regions and (object, offset) in shared ones.
    /// <summary>(address, expected, deadline, WaitFlags, bitset) → 0 woken; WouldBlock if the word differs. bitset 0 = all.</summary>
    WordWait = 90,
    /// <summary>(address, count, bitset) → number woken.</summary>
    WordWake = 91,
    /// <summary>
    /// (address, wake count, target address, requeue count, expected, compare: 0|1) → woken + requeued; WouldBlock if compare and the word differs.
    /// </summary>
    WordRequeue = 92,
    /// <summary>
    /// (count ≤ 64, deadline, WaitFlags): message area holds count × (address u64, expected u32, 0 u32) → index of the word woken; WouldBlock if one differs.
    /// </summary>
    WordWaitMany = 93,
    /// <summary>(address, notification[Signal], bits): each wake of the word also signals. notification 0 ends the watch.</summary>
    WordWatch = 94,

    // Endpoints
    /// <summary>(account[Manage] or 0 = own space's) → endpoint with all rights.</summary>
    EndpointCreate = 100,
    /// <summary>
    /// (endpoint[Signal], deadline, WaitFlags): sends the message area, waits for the reply in it. PeerGone if the endpoint or the reply handle died;
    /// Interrupted withdraws the call.
    /// </summary>
    EndpointCall = 101,
    /// <summary>(endpoint[Wait], deadline, WaitFlags) → 0, message in the area.</summary>
    EndpointReceive = 102,
    /// <summary>
    /// (reply handle): answers with the message area; the handle is gone. PeerGone if the caller no longer waits: then nothing was delivered and no handle
    /// moved.
    /// </summary>
    EndpointReply = 103,
    /// <summary>(reply handle or 0, endpoint[Wait], deadline, WaitFlags): reply, then receive, handing the CPU over.</summary>
    EndpointReplyAndReceive = 104,
    /// <summary>(endpoint[Manage], notification[Signal], bits): arrival of a message also signals.</summary>
    EndpointBind = 105,

    // Devices
    /// <summary>(machine[Manage], line, notification[Signal], bits) → interrupt (ISA/GSI line through the I/O APIC). Masked when it fires.</summary>
    InterruptCreate = 110,
    /// <summary>(interrupt[Wait]): unmasks.</summary>
    InterruptAcknowledge = 111,
    /// <summary>(machine[Manage], first port, count) → I/O ports.</summary>
    IoPortsCreate = 112,
    /// <summary>(ports[Signal], port, width 1|2|4) → value.</summary>
    PortRead = 113,
    /// <summary>(ports[Signal], port, width, value).</summary>
    PortWrite = 114,
    /// <summary>
    /// (ports[Signal], port, length ≤ MessageLength): writes that many bytes of the message area to one port and counts them, as one step (PortQuery).
    /// </summary>
    PortWriteBytes = 115,
    /// <summary>
    /// (ports[Signal], port, status port &lt;&lt; 16 | mask of 8 bits, count ≤ PortHistory.ReadLimit) → n: reads bytes from port into the message area while
    /// (status port &amp; mask) is not 0, counts and remembers them, as one step (PortQuery).
    /// </summary>
    PortReadWhile = 116,
    /// <summary>
    /// (ports[Signal]): message words 0 bytes written by PortWriteBytes since the object was made, 1 bytes read by PortReadWhile, 2–5 the last
    /// PortHistory.Length of those: byte p is at p % Length.
    /// </summary>
    PortQuery = 117,
    /// <summary>
    /// (machine[Map], notification[Signal], bits, account[Manage] or 0 = own space's) → interrupt by message (MSI): message words 0 address, 1 data, to be
    /// written to the device's registers. Needs no acknowledgement.
    /// </summary>
    InterruptCreateMessage = 118,
    /// <summary>
    /// (machine[Map], account[Manage] or 0 = own space's, bus · 256 + device · 8 + function + 1 or 0 = no function's) → what one device may reach. The account
    /// pays for pins. The last close of a handle ends all pins: whoever quiesces the device keeps one until then. With an IOMMU the function reaches what is
    /// pinned in the domain that was made for it last, and nothing else.
    /// </summary>
    DmaDomainCreate = 120,
    /// <summary>
    /// (domain[Signal], object[Read|Write], offset, length ≤ 256 pages) → pin, a number above 0. Message words: the physical address of each page. Missing
    /// pages are committed; NotMapped if only a pager has one. The pin belongs to the domain. What the object gives up meanwhile stays charged and is not used
    /// again until it is unpinned.
    /// </summary>
    DmaPin = 121,
    /// <summary>
    /// (domain[Signal], pin): ends a pin. With pin 0, which needs Manage: all of them; the device must be quiet. BadState, of one pin: it has ended, and the
    /// IOMMU has refused the device something since it got this domain, or the device has another by now: what it has said to have done may not have happened.
    /// </summary>
    DmaUnpin = 122,
    /// <summary>(domain[Signal]): message words 0 pins, 1 pages that they hold.</summary>
    DmaQuery = 123,
    /// <summary>
    /// (machine[Map], interrupt by message[Wait]): the IOMMU sends it when it has refused an access of a device, from now on. BadState: there is no IOMMU.
    /// </summary>
    DmaFaults = 124,
    /// <summary>
    /// (machine[Map]): an access that was refused, once: message words 0 bus · 256 + device · 8 + function, 1 address of the page, 2 the IOMMU's reason (VT-d
    /// §7.1.3), 3 whether it was a write. WouldBlock: none is noted; more may have been refused than are noted.
    /// </summary>
    DmaFault = 125,
}

/// <summary>What an I/O ports object remembers of the bytes that were read through it, so that the next holder knows what the one before did.</summary>
public static class PortHistory
{
    /// <summary>Bytes remembered.</summary>
    public const int Length = 32;
    /// <summary>Most bytes of one PortReadWhile: a 16550's FIFO (NS16550A data sheet), half of what is remembered.</summary>
    public const int ReadLimit = 16;
}

/// <summary>Flags of AccountCreate (low byte).</summary>
[System.Flags]
public enum AccountFlags : uint
{
    /// <summary>Charged to its ancestors as it is used.</summary>
    None = 0,
    /// <summary>Charged to its ancestors in full from the start.</summary>
    Committed = 1,
}

/// <summary>Flags of MemoryCreate.</summary>
[System.Flags]
public enum MemoryFlags : uint
{
    /// <summary>Sparse, charged on touch.</summary>
    None = 0,
    /// <summary>All frames committed now and never discarded: the only kind that may hold rings and pools.</summary>
    Sealed = 1,
}

/// <summary>Protection and behaviour of a region.</summary>
[System.Flags]
public enum MapFlags : uint
{
    /// <summary>No access: reserves the range.</summary>
    None = 0,
    /// <summary>Readable.</summary>
    Read = 1,
    /// <summary>Writable. Together with Execute it is refused (W^X) unless <see cref="WriteExecute"/> is given too.</summary>
    Write = 2,
    /// <summary>Executable.</summary>
    Execute = 4,
    /// <summary>A program asked for a writable and executable page (Linux allows it; JITs use it). Only for programs' own private memory.</summary>
    WriteExecute = 8,
    /// <summary>Writes go to the object; without it they go to private copies (copy-on-write).</summary>
    Shared = 16,
    /// <summary>Replaces what is mapped in the range.</summary>
    Replace = 32,
    /// <summary>A fork leaves the region out (madvise DONTFORK, rings, pools).</summary>
    ForkOmit = 64,
    /// <summary>A fork gives the child fresh zero pages (madvise WIPEONFORK).</summary>
    ForkWipe = 128,
    /// <summary>
    /// A program's stack: grows down by fault, until 256 pages above the next region (Linux' stack_guard_gap) or the length limit given in the object argument.
    /// </summary>
    GrowsDown = 256,
    /// <summary>Uncached (device memory only).</summary>
    Uncached = 512,
    /// <summary>The mapping can never become writable, whatever the object's handle allows: SpaceProtect answers NoRight.</summary>
    NeverWrite = 1024,
    /// <summary>The mapping can never become executable.</summary>
    NeverExecute = 2048,
    /// <summary>The region is offered, see SpaceOffer. Kept by the kernel; no call takes it or tells it.</summary>
    Offered = 4096,
    /// <summary>The space that has the mapping may map the same pages elsewhere, with no right more: see SpaceRepeat. Only shared mappings of memory.</summary>
    MayRepeat = 8192,
    /// <summary>The protection bits.</summary>
    Protection = Read | Write | Execute | WriteExecute,
}

/// <summary>Flags of calls that wait.</summary>
[System.Flags]
public enum WaitFlags : uint
{
    /// <summary>Interruptible.</summary>
    None = 0,
    /// <summary>Interrupts set the pending flag but do not end the wait. Termination always does.</summary>
    Uninterruptible = 1,
    /// <summary>
    /// The floating-point and vector registers hold nothing that the caller needs, as at any call of a function (System V): they need not be saved, and may be
    /// those of a new thread afterwards, MXCSR and the x87 control word too.
    /// </summary>
    VectorsUnused = 2,
}

/// <summary>Bounds of kernel calls.</summary>
public static class CallLimits
{
    /// <summary>Bytes of a SpaceCopy: 17 pages at most are touched in one step.</summary>
    public const ulong SpaceCopy = 0x1_0000;
}

/// <summary>Flags of ThreadCreate (low byte).</summary>
[System.Flags]
public enum ThreadFlags : uint
{
    /// <summary>Runs at once.</summary>
    None = 0,
    /// <summary>Starts suspended.</summary>
    Suspended = 1,
    /// <summary>It finds the eight words of the caller's message area in its own: what it should know from the start.</summary>
    WithWords = 2,
    /// <summary>The caller gets no handle: nobody has one.</summary>
    WithoutHandle = 4,
}
