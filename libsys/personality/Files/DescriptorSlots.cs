using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// What a file descriptor number stands for: 16 bytes in the personality's heap. The open file description itself (offset, status flags, file) is in
/// vfs; what is kept here cannot change behind the program's back, or only matters to the program itself.
/// </summary>
internal struct Descriptor
{
    /// <summary>vfs handle, or index of a local object (<see cref="DescriptorBits.Local"/>).</summary>
    public uint Handle;

    /// <summary><see cref="DescriptorBits"/>. With the handle one word, which is read and replaced at once.</summary>
    public uint Bits;

    /// <summary>How far they are moved to the left in that word.</summary>
    public const int BitsShift = 32;

    /// <summary>st_mode of the file when it was opened (type bits matter: how a large read is split).</summary>
    public uint Mode;

    /// <summary>Access mode with which it was opened (O_RDONLY, O_WRONLY, O_RDWR, O_PATH).</summary>
    public uint Access;
}

/// <summary>Bits of <see cref="Descriptor.Bits"/>.</summary>
internal static class DescriptorBits
{
    /// <summary>FD_CLOEXEC; the same value as in fcntl(2) and StartDescriptor.</summary>
    public const uint CloseOnExec = 1;
    /// <summary>The number is in use. Without <see cref="Installed"/>: reserved by a call that is about to open something.</summary>
    public const uint Used = 2;
    /// <summary>The descriptor is open.</summary>
    public const uint Installed = 4;
    /// <summary>vfs said that the file can seek: reads fill, until a short one.</summary>
    public const uint Seekable = 8;
    /// <summary>Handle is an index of an <c>EpollSet</c> of this process, not a vfs handle.</summary>
    public const uint Local = 16;
    /// <summary>
    /// Two bits from here: number of the server that has the data; 0: vfs, which has every descriptor's name and flags in any case, under the same handle.
    /// </summary>
    public const int ServerShift = 8;
    /// <summary>Those bits.</summary>
    public const uint Server = (Libsys.Abi.Window.ProgramServers - 1) << ServerShift;
    /// <summary>Number of the server that has the data.</summary>
    public static uint ServerOf(uint bits) => (bits & Server) >> ServerShift;
    /// <summary>An eventfd: its page can be mapped (<see cref="MemorySources"/>).</summary>
    public const uint EventCounter = 64;
    /// <summary>An end of a pipe or fifo: it can be mapped (<see cref="StreamPlaces"/>).</summary>
    public const uint Stream = 128;
    /// <summary>A timerfd, whose page can be mapped likewise.</summary>
    public const uint Timer = 1 << 17;
    /// <summary>A signalfd, the same: its mask is there, and the signals are this process'.</summary>
    public const uint Signals = 1 << 18;
    /// <summary>What <see cref="MemorySources"/> maps.</summary>
    public const uint Source = EventCounter | Timer | Signals;
    /// <summary>A socket with messages, which can be mapped as a stream.</summary>
    public const uint Messages = 1 << 19;
    /// <summary>What <see cref="StreamPlaces"/> maps.</summary>
    public const uint Mapped = Stream | Messages;
    /// <summary>Reads and writes, or what comes before them, need not be requests.</summary>
    public const uint InMemory = Source | Mapped;
    /// <summary>Three bits from here: a <see cref="MemoryDeviceKind"/>, whose reads and writes are answered in this process.</summary>
    public const int DeviceShift = 12;
    /// <summary>Those bits.</summary>
    public const uint Device = 7u << DeviceShift;
    /// <summary>The device was opened for reading. Known beside <see cref="Descriptor.Access"/>, which does not cross exec.</summary>
    public const uint DeviceReads = 1 << 15;
    /// <summary>The device was opened for writing.</summary>
    public const uint DeviceWrites = 1 << 16;
    /// <summary>The bits of a device that was opened in an access mode; 0 for what is none.</summary>
    public static uint OfDevice(MemoryDeviceKind device, uint access)
    {
        if (device == MemoryDeviceKind.None)
            return 0;
        uint modes = (OpenFlags.Reads(access) ? DeviceReads : 0) | (OpenFlags.Writes(access) ? DeviceWrites : 0);
        return (uint)device << DeviceShift & Device | modes;
    }
    /// <summary>What the bits say of a device.</summary>
    public static MemoryDeviceKind DeviceOf(uint bits) => (MemoryDeviceKind)((bits & Device) >> DeviceShift);
    /// <summary>vfs said that closing it need not be waited for (<see cref="PostedCalls"/>).</summary>
    public const uint ClosesUnseen = 1 << 20;
    /// <summary>A set of epoll(7) that vfs has.</summary>
    public const uint Set = 1 << 21;
    /// <summary>Seven bits from here: the number of the handle's slot in the area of <see cref="SharedFiles"/> and 1; 0: none is known.</summary>
    public const int SlotShift = 24;
    /// <summary>Those bits.</summary>
    public const uint Slot = 0x7Fu << SlotShift;
    /// <summary>What crosses exec beside number and handle.</summary>
    public const uint Kept = CloseOnExec | Server | InMemory | Set | Device | DeviceReads | DeviceWrites;
    /// <summary>Mode, Seekable and Access are not known yet (a descriptor that came through exec): ask before relying on them.</summary>
    public const uint Unknown = 32;
}

/// <summary>
/// The arithmetic of a descriptor table on arrays that the caller provides and guards: lowest free number, reservation, and how many descriptors share a
/// vfs handle, so that only the last close goes to vfs. Pointers, not spans: references in locals would be zeroed with vector registers.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct DescriptorSlots
{
    private const int GenerationShift = 32;
    private const ulong NextGeneration = 1ul << GenerationShift;

    /// <summary>By descriptor number.</summary>
    public Descriptor* Slots;

    /// <summary>By vfs handle: how many descriptors refer to it, and in the upper half how often the last of them was closed.</summary>
    public ulong* Uses;

    /// <summary>Length of <see cref="Slots"/>.</summary>
    public uint Capacity;

    /// <summary>Length of <see cref="Uses"/>.</summary>
    public uint UsesCapacity;

    /// <summary>One more than the highest number in use: most tables have few, and are walked at every fork and exec.</summary>
    public uint End;

    /// <summary>No number below is free: where the search for one begins.</summary>
    public uint Taken;

    /// <summary>
    /// Lowest free number in [<paramref name="lowest"/>, <paramref name="limit"/>), or −1. The result may lie beyond the array, which must then grow first.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int LowestFree(int lowest, int limit)
    {
        uint first = (uint)lowest > Taken ? (uint)lowest : Taken, number = first;
        while (number < Capacity && (Slots[number].Bits & DescriptorBits.Used) != 0)
            number++;
        if (first == Taken)
            Taken = number;
        return number < (uint)limit ? (int)number : -1;
    }

    /// <summary>True if the number is open.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool IsOpen(int number) => (uint)number < Capacity && (Slots[number].Bits & DescriptorBits.Installed) != 0;

    /// <summary>What tells a handle that is open from those that had its number before, and will have it.</summary>
    public readonly uint GenerationOf(uint handle) => (uint)(Uses[handle] >> GenerationShift);

    /// <summary>True if a descriptor refers to what the handle was then.</summary>
    public readonly bool IsUsed(uint handle, uint generation) =>
        handle < UsesCapacity && (uint)Uses[handle] != 0 && (uint)(Uses[handle] >> GenerationShift) == generation;

    /// <summary>Marks a free number as taken, before the call that opens something: so EMFILE comes before any effect.</summary>
    public void Reserve(int number)
    {
        Note(number);
        Descriptor* slot = Slots + number;
        slot->Bits = DescriptorBits.Used;
        slot->Handle = 0;
        slot->Mode = 0;
        slot->Access = 0;
    }

    /// <summary>Gives a reservation back.</summary>
    public void Release(int number)
    {
        Slots[number].Bits = 0;
        Forget(number);
    }

    /// <summary>Opens a reserved or free number, or makes an open one another at once: some look without the lock.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Install(int number, uint handle, uint bits, uint mode, uint access)
    {
        Note(number);
        Descriptor* slot = Slots + number;
        slot->Mode = mode;
        slot->Access = access;
        Volatile.Write(ref *(ulong*)slot, handle | (ulong)(bits | DescriptorBits.Used | DescriptorBits.Installed) << Descriptor.BitsShift);
        if ((bits & DescriptorBits.Local) == 0)
            Uses[handle]++;
    }

    /// <summary>
    /// Closes an open number. True if no descriptor refers to its handle any more: then the caller owes vfs a Close (or frees the local object's reference).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Remove(int number)
    {
        Descriptor* slot = Slots + number;
        uint bits = slot->Bits;
        slot->Bits = 0;
        Forget(number);
        if ((bits & DescriptorBits.Local) != 0)
            return true;
        ulong uses = --Uses[slot->Handle];
        if ((uint)uses != 0)
            return false;
        Uses[slot->Handle] = uses + NextGeneration;
        return true;
    }

    /// <summary>Numbers at the end that were given up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Shorten()
    {
        while (End > 0 && Slots[End - 1].Bits == 0)
            End--;
    }

    // The number is free.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Forget(int number)
    {
        if ((uint)number < Taken)
            Taken = (uint)number;
        if ((uint)number + 1 == End)
            Shorten();
    }

    private void Note(int number) => End = (uint)number < End ? End : (uint)number + 1;
}
