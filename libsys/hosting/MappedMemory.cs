using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Libsys.Abi;

namespace Libsys.Hosting;

/// <summary>
/// Memory at a fixed place of the own space, with bounds-checked access. Memory shared with a peer can change between two reads: read a value once,
/// check it, then use the checked copy. Spans must not be kept across <see cref="Dispose"/>.
/// </summary>
public sealed unsafe class MappedMemory : IDisposable
{
    // Small mappings of servers, rings above all, lie between the stack, which grows to 8 MiB, and what the runtime maps from 128 MiB below it on: under page
    // tables that those have in any case, so that a request needs three less of them (docs/decisions/fixed-window.md).
    private const ulong NearLength = 0x20_0000;
    private const ulong LowestNear = 0x7FFF_7880_0000;
    private const ulong HighestNear = 0x7FFF_7F00_0000;

    // All others, and what has no room there, between the program's own (bottom, and top down from the stack): an area of their own.
    private const ulong Lowest = 0x6000_0000_0000;
    private const ulong Highest = 0x7000_0000_0000;

    private readonly byte[]? array;
    private byte* start;
    private bool isOwned;

    private MappedMemory(byte* start, ulong length, bool isOwned, byte[]? array = null)
    {
        this.start = start;
        this.isOwned = isOwned;
        this.array = array;
        Length = length;
    }

    /// <summary>Bytes.</summary>
    public ulong Length { get; }

    /// <summary>True until disposed.</summary>
    public bool IsMapped => start != null;

    internal byte* Pointer => start != null ? start : NotMapped();

    /// <summary>Maps part of an object wherever there is room. Offset and length are multiples of the page size.</summary>
    public static KernelStatus TryMap(MemoryObjectHandle memory, ulong offset, ulong length, MapFlags flags, out MappedMemory? mapped)
    {
        mapped = null;
        for (;;)
        {
            ulong address = 0;
            KernelStatus status = length < NearLength ? AddressSpaceHandle.Self.TryFindGap(length, LowestNear, HighestNear, 4096, out address)
                : KernelStatus.NoMemory;
            if (status != KernelStatus.Ok)
                status = AddressSpaceHandle.Self.TryFindGap(length, Lowest, Highest, 4096, out address);
            if (status != KernelStatus.Ok)
                return status;
            status = AddressSpaceHandle.Self.Map(address, length, flags, memory, offset);
            if (status == KernelStatus.Occupied)
                continue; // another thread of this space took the gap first
            if (status == KernelStatus.Ok)
                mapped = new MappedMemory((byte*)address, length, isOwned: true);
            return status;
        }
    }

    /// <summary>A view of what somebody else mapped for this space at a fixed address (boot archive, start table).</summary>
    internal static MappedMemory FixedView(ulong address, ulong length) => new((byte*)address, length, isOwned: false);

    /// <summary>Memory of the own heap behind the same interface: for tests, which have no kernel. Zeroed, 64-byte aligned, never moves.</summary>
    public static MappedMemory Allocate(int length)
    {
        byte[] array = GC.AllocateArray<byte>(length + 63, pinned: true);
        nint address = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array));
        return new MappedMemory((byte*)((address + 63) & ~63), (ulong)length, isOwned: false, array);
    }

    /// <summary>A range as a span.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not inside the memory.</exception>
    public Span<byte> Span(ulong offset, int length)
    {
        Check(offset, (uint)length);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        return new Span<byte>(Pointer + offset, length);
    }

    /// <summary>A range as a span, if it is inside the memory: for offsets and lengths from a peer.</summary>
    public bool TrySpan(ulong offset, ulong length, out Span<byte> span)
    {
        if (start == null || offset > Length || length > Length - offset || length > int.MaxValue)
        {
            span = default;
            return false;
        }

        span = new Span<byte>(start + offset, (int)length);
        return true;
    }

    /// <summary>Reads 8 bits, exactly once (acquire): a register of a device.</summary>
    public byte ReadByte(ulong offset) => Volatile.Read(ref *At(offset, sizeof(byte)));

    /// <summary>Reads 16 bits, exactly once (acquire). Aligned.</summary>
    public ushort ReadUInt16(ulong offset) => Volatile.Read(ref *(ushort*)At(offset, sizeof(ushort)));

    /// <summary>Writes 8 bits (release).</summary>
    public void WriteByte(ulong offset, byte value) => Volatile.Write(ref *At(offset, sizeof(byte)), value);

    /// <summary>Writes 16 bits (release). Aligned.</summary>
    public void WriteUInt16(ulong offset, ushort value) => Volatile.Write(ref *(ushort*)At(offset, sizeof(ushort)), value);

    /// <summary>Reads 32 bits, exactly once (acquire). Aligned.</summary>
    public uint ReadUInt32(ulong offset) => Volatile.Read(ref *(uint*)At(offset, sizeof(uint)));

    /// <summary>Reads 64 bits, exactly once (acquire). Aligned.</summary>
    public ulong ReadUInt64(ulong offset) => Volatile.Read(ref *(ulong*)At(offset, sizeof(ulong)));

    /// <summary>Writes 32 bits (release). Aligned.</summary>
    public void WriteUInt32(ulong offset, uint value) => Volatile.Write(ref *(uint*)At(offset, sizeof(uint)), value);

    /// <summary>Writes 64 bits (release). Aligned.</summary>
    public void WriteUInt64(ulong offset, ulong value) => Volatile.Write(ref *(ulong*)At(offset, sizeof(ulong)), value);

    /// <summary>Exchanges 32 bits, with a full fence.</summary>
    public uint ExchangeUInt32(ulong offset, uint value) => Interlocked.Exchange(ref *(uint*)At(offset, sizeof(uint)), value);

    /// <summary>Exchanges 64 bits, with a full fence.</summary>
    public ulong ExchangeUInt64(ulong offset, ulong value) => Interlocked.Exchange(ref *(ulong*)At(offset, sizeof(ulong)), value);

    /// <summary>Replaces 64 bits if they are <paramref name="expected"/>, with a full fence; returns what was there.</summary>
    public ulong CompareExchangeUInt64(ulong offset, ulong value, ulong expected) =>
        Interlocked.CompareExchange(ref *(ulong*)At(offset, sizeof(ulong)), value, expected);

    /// <summary>
    /// Replaces two words of 64 bits, at a multiple of 16 bytes, if both are what is expected, at once and with a full fence. False: nothing was replaced, and
    /// <paramref name="expected"/> is what is there.
    /// </summary>
    public bool TryCompareExchangePair(ulong offset, (ulong First, ulong Second) value, ref (ulong First, ulong Second) expected)
    {
        var words = (ulong*)At(offset, 2 * sizeof(ulong));
        ulong* found = stackalloc ulong[2] { expected.First, expected.Second };
        if (array == null)
        {
            CompareExchange(words, found, value);
        }
        else
        {
            // No kernel, and so nobody at the other side.
            bool isExpected = words[0] == found[0] && words[1] == found[1];
            (found[0], found[1]) = (words[0], words[1]);
            if (isExpected)
                (words[0], words[1]) = value;
        }

        bool isDone = expected == (found[0], found[1]);
        expected = (found[0], found[1]);
        return isDone;
    }

    // By itself: on a host without the stub a caller that never gets here could not be compiled.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void CompareExchange(ulong* words, ulong* found, (ulong First, ulong Second) value) =>
        Kernel.CompareExchange128(words, found, value.First, value.Second);

    /// <summary>Replaces 32 bits if they are <paramref name="expected"/>, with a full fence; returns what was there.</summary>
    public uint CompareExchangeUInt32(ulong offset, uint value, uint expected) =>
        Interlocked.CompareExchange(ref *(uint*)At(offset, sizeof(uint)), value, expected);

    /// <summary>Wakes all threads, of any space, that sleep on 32 bits of it (WordWait).</summary>
    public void WakeUInt32(ulong offset) => Kernel.Status(KernelCall.WordWake, (ulong)At(offset, sizeof(uint)), uint.MaxValue, 0);

    /// <summary>Adds one to 32 bits, which wrap, with a full fence; returns the sum.</summary>
    public uint IncrementUInt32(ulong offset) => Interlocked.Increment(ref *(uint*)At(offset, sizeof(uint)));

    /// <summary>Adds to 32 bits, which wrap, with a full fence.</summary>
    public void AddUInt32(ulong offset, uint value) => Interlocked.Add(ref *(uint*)At(offset, sizeof(uint)), value);

    /// <summary>Copies a blittable value out.</summary>
    public T Read<T>(ulong offset) where T : unmanaged
    {
        Check(offset, (uint)sizeof(T));
        return Unsafe.ReadUnaligned<T>(Pointer + offset);
    }

    /// <summary>Copies a blittable value in.</summary>
    public void Write<T>(ulong offset, in T value) where T : unmanaged
    {
        Check(offset, (uint)sizeof(T));
        Unsafe.WriteUnaligned(Pointer + offset, value);
    }

    /// <summary>Makes the pages of a range exist now, so that touching them cannot fail later. NoMemory if the account or the machine has none left.</summary>
    public KernelStatus TryPopulate(ulong offset, ulong length)
    {
        Check(offset, length);
        return Kernel.Status(KernelCall.SpacePopulate, WellKnownHandle.Self, (ulong)Pointer + offset, length);
    }

    /// <summary>Unmaps.</summary>
    public void Dispose()
    {
        if (isOwned && start != null)
            AddressSpaceHandle.Self.Unmap((ulong)start, Length);
        isOwned = false;
        start = null;
        GC.KeepAlive(array);
    }

    // Inlined, with the exceptions elsewhere: with constants little is left of the checks, and they are made several times a request.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* At(ulong offset, uint size)
    {
        Check(offset, size);
        if ((offset & (size - 1)) != 0) // a power of two: no division on every access
            NotAligned();
        return Pointer + offset;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Check(ulong offset, ulong length)
    {
        if (offset > Length || length > Length - offset)
            OutOfRange();
    }

    [DoesNotReturn]
    private static void NotAligned() => throw new ArgumentException("not aligned", "offset");

    [DoesNotReturn]
    private static void OutOfRange() => throw new ArgumentOutOfRangeException("offset");

    [DoesNotReturn]
    private static byte* NotMapped() => throw new ObjectDisposedException(nameof(MappedMemory));
}
