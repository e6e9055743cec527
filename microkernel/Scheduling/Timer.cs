using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Microkernel;

/// <summary>
/// A deadline of a thread's wait, or a notification's timer. Armed timers are in one binary heap, so every operation is logarithmic.
/// Its array holds pointers only and grows by frames with the number of threads and notifications with a timer; it is charged to the root.
/// A thread's stays where it is when the wait ends, since the next one mostly has a later deadline, and goes to the deadline of that time when it fires.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Timer
{
    /// <summary>Time stamp at which it fires.</summary>
    public ulong Deadline;
    /// <summary>Of a thread: time stamp at which its wait ends, never before <see cref="Deadline"/>; the highest number without a wait that does.</summary>
    public ulong WaitEnd;
    /// <summary>Place in the heap + 1; 0: not armed.</summary>
    public uint Place;
    /// <summary>The thread whose wait ends, or</summary>
    public Thread* Thread;
    /// <summary>the notification that is signalled,</summary>
    public Notification* Notification;
    /// <summary>with these bits,</summary>
    public ulong Bits;
    /// <summary>and again after so many ticks (0: once).</summary>
    public ulong Period;

    private const uint PerFrame = 512;
    // Expired timers handled in one interrupt; the rest follow in the next, so that others get in.
    private const int FireLimit = 64;

    // From one timer interrupt of a CPU to the next at least: whoever sets short timers leaves others some of the CPU. A few times what an interrupt costs
    // under emulation.
    private const ulong LeastInterval = 50_000;

    private static Timer*** frames;
    // The first of them, so that a system of few threads touches no list.
    private static Timer** first;
    private static uint capacity, reserved, count;
    // The global deadline that some CPU's timer is armed for, and which CPU's.
    private static ulong armedDeadline = ulong.MaxValue;
    private static Cpu* armedCpu;

    /// <summary>Takes room for the list of the heap's frames.</summary>
    public static void Initialize(void* page) => frames = (Timer***)page;

    /// <summary>Makes sure that one more timer can always be armed; false: no memory.</summary>
    public static bool Reserve()
    {
        if (reserved == capacity)
        {
            if (capacity == PerFrame * PerFrame)
                return false;
            ulong frame = FrameAllocator.Allocate(Accounts.Root);
            if (frame == 0)
                return false;
            frames[capacity / PerFrame] = (Timer**)PhysicalMap.At(frame);
            first = frames[0];
            capacity += PerFrame;
        }
        reserved++;
        return true;
    }

    /// <summary>Undoes <see cref="Reserve"/>.</summary>
    public static void Unreserve() => reserved--;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Timer** At(uint place) => place < PerFrame ? first + place : frames[place / PerFrame] + place % PerFrame;

    /// <summary>Arms a thread's deadline. The wait that ends first sets <see cref="WaitEnd"/> to the highest number, and need not stop the timer.</summary>
    public static void Start(Timer* timer, Thread* thread, ulong deadline)
    {
        timer->WaitEnd = deadline;
        if (timer->Place != 0 && timer->Deadline <= deadline)
            return;
        Stop(timer);
        timer->Thread = thread;
        timer->Deadline = deadline;
        Insert(timer);
    }

    /// <summary>Puts a timer that is not armed into the heap and makes sure that some CPU will look in time.</summary>
    public static void Insert(Timer* timer)
    {
        Panic.Assert(timer->Place == 0 && count < reserved, "timer armed twice"u8);
        Up(timer, count++);
        if (timer->Deadline < armedDeadline)
            ArmGlobal(Cpu.Current, timer->Deadline);
    }

    /// <summary>Disarms a timer, armed or not.</summary>
    public static void Stop(Timer* timer)
    {
        if (timer->Place == 0)
            return;
        uint place = timer->Place - 1;
        timer->Place = 0;
        Timer* last = *At(--count);
        if (last == timer)
            return;
        if (place > 0 && (*At((place - 1) / 2))->Deadline > last->Deadline)
            Up(last, place);
        else
            Down(last, place);
    }

    private static void Put(Timer* timer, uint place)
    {
        *At(place) = timer;
        timer->Place = place + 1;
    }

    private static void Up(Timer* timer, uint place)
    {
        while (place > 0)
        {
            uint parent = (place - 1) / 2;
            Timer* above = *At(parent);
            if (above->Deadline <= timer->Deadline)
                break;
            Put(above, place);
            place = parent;
        }
        Put(timer, place);
    }

    private static void Down(Timer* timer, uint place)
    {
        while (true)
        {
            uint child = 2 * place + 1;
            if (child >= count)
                break;
            if (child + 1 < count && (*At(child + 1))->Deadline < (*At(child))->Deadline)
                child++;
            Timer* below = *At(child);
            if (below->Deadline >= timer->Deadline)
                break;
            Put(below, place);
            place = child;
        }
        Put(timer, place);
    }

    /// <summary>Programs a CPU's interrupt for a time stamp, if it is not due earlier anyway.</summary>
    public static void Arm(Cpu* cpu, ulong deadline)
    {
        if (deadline < cpu->EarliestTick)
            deadline = cpu->EarliestTick;
        if (deadline >= cpu->ArmedTime)
            return;
        cpu->ArmedTime = deadline;
        LocalApic.SetTimer(deadline);
    }

    /// <summary>A CPU that halts has no turn to end: its interrupt is put off until a timer is due, or for good.</summary>
    public static void PutOff(Cpu* cpu)
    {
        ulong next = armedCpu == cpu ? armedDeadline : ulong.MaxValue;
        if (cpu->ArmedTime >= next)
            return;
        cpu->ArmedTime = next;
        LocalApic.SetTimer(next);
    }

    private static void ArmGlobal(Cpu* cpu, ulong deadline)
    {
        armedDeadline = deadline;
        armedCpu = cpu;
        Arm(cpu, deadline);
    }

    /// <summary>The timer interrupt of a CPU: fires what is due, asks for a new choice when the turn is over, programs the next interrupt.</summary>
    public static void Tick(Cpu* cpu)
    {
        // Nothing is programmed before all have fired.
        cpu->ArmedTime = 0;
        ulong now = Machine.TimeStamp();
        for (int fired = 0; count != 0 && fired < FireLimit && (*At(0))->Deadline <= now; fired++)
            Fire(*At(0));
        cpu->ArmedTime = ulong.MaxValue;
        cpu->EarliestTick = Machine.TimeStamp() + Clock.TicksOf(LeastInterval);
        if (cpu->Thread != null)
        {
            Scheduler.WakeIdleCpu(cpu);
            Scheduler.OfferIdleCpu(now);
            if (now >= cpu->TurnEnd)
                cpu->Reschedule = 1;
            // Before the global deadline, which is mostly later: one access to the APIC instead of two.
            Arm(cpu, now >= cpu->TurnEnd ? now + Clock.TicksOf(Scheduler.TurnNanoseconds) : cpu->TurnEnd);
        }
        if (armedCpu == cpu || armedDeadline <= now)
        {
            armedDeadline = ulong.MaxValue;
            if (count != 0)
                ArmGlobal(cpu, (*At(0))->Deadline);
        }
    }

    private static void Fire(Timer* timer)
    {
        Stop(timer);
        ulong next = timer->Thread == null ? NextPeriod(timer) : timer->WaitEnd;
        bool isLast = next <= timer->Deadline;
        if (!isLast && next != ulong.MaxValue)
        {
            timer->Deadline = next;
            Insert(timer);
        }
        if (timer->Thread == null)
            Microkernel.Notification.Signal(timer->Notification, timer->Bits);
        else if (isLast)
            Microkernel.Thread.Wake(timer->Thread, (long)Libsys.Abi.KernelStatus.TimedOut);
    }

    // Missed periods are one signal; the rhythm is kept.
    private static ulong NextPeriod(Timer* timer) =>
        timer->Period == 0 ? 0 : timer->Deadline + ((Machine.TimeStamp() - timer->Deadline) / timer->Period + 1) * timer->Period;
}
