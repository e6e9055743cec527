using System;
using Libsys.Abi;
using Libsys.Messages;
using Libsys.Rings;

namespace Hostile;

/// <summary>
/// Writes into its own connection what no personality would: random requests in well-formed rings, so that they all reach vfs, and at last random indices.
/// After the first byte the own personality can no longer ask vfs for anything, so nothing here does.
/// </summary>
internal static class RingVandal
{
    private const ulong Memory = Window.VfsConnection;
    private const uint Operations = 80;

    // Enough for vfs to answer what does not wait, also under emulation.
    private const int MostSpins = 20_000;

    public static void Run(ulong seed, int rounds)
    {
        var chance = new Chance(seed);
        uint tail = Gate.Half(Memory + RingLayout.SubmissionTail);
        for (int round = 0; round < rounds; round++)
        {
            uint waiting = tail - Gate.Half(Memory + RingLayout.CompletionTail);
            if (waiting >= VfsLimits.Slots)
                break; // all of them wait for ever
            FillPool(ref chance);
            uint count = 1 + chance.Below(VfsLimits.Slots - waiting);
            for (uint index = 0; index < count; index++)
                FillSlot(ref chance, tail + index, isCancel: waiting > VfsLimits.Slots / 2);
            tail += count;
            Gate.Half(Memory + RingLayout.SubmissionTail) = tail;
            Ring();
            AwaitSome(tail);
        }

        // Indices, slots and wishes at random, again and again: the first of it ends the connection.
        for (int round = 0; round < 50; round++)
        {
            for (ulong offset = RingLayout.SubmissionTail; offset < VfsLimits.Shape.Pool; offset += sizeof(ulong))
                Gate.Word(Memory + offset) = chance.Next();
            Ring();
        }
    }

    /// <summary>Keeps vfs busy with the longest lookups that there are, of a path that <see cref="Lookups"/> has made.</summary>
    public static void LookUp(ReadOnlySpan<byte> path, int rounds)
    {
        uint tail = Gate.Half(Memory + RingLayout.SubmissionTail);
        for (int index = 0; index < path.Length; index++)
            SetByte((ulong)index, path[index]);
        for (int round = 0; round < rounds; round++)
        {
            while (tail - Gate.Half(Memory + RingLayout.CompletionTail) > VfsLimits.Slots / 2)
                Gate.Call(KernelCall.ThreadYield);
            for (int count = 0; count < 16; count++)
            {
                WriteSlot(tail++, (ushort)VfsOperation.Access, 0, 0, (uint)path.Length);
                Gate.Half(Memory + RingLayout.CompletionHead) = Gate.Half(Memory + RingLayout.CompletionTail);
            }

            Gate.Half(Memory + RingLayout.SubmissionTail) = tail;
            Ring();
        }
    }

    private static void Ring() => Gate.Call(KernelCall.NotificationSignal, WellKnownHandle.VfsDoorbell, ulong.MaxValue >> 1);

    private static void AwaitSome(uint tail)
    {
        for (int spin = 0; spin < MostSpins; spin++)
        {
            uint answered = Gate.Half(Memory + RingLayout.CompletionTail);
            Gate.Half(Memory + RingLayout.CompletionHead) = answered;
            if (answered == tail)
                return;
            if (spin % 64 == 0)
                Gate.Call(KernelCall.ThreadYield);
        }
    }

    private static void FillSlot(ref Chance chance, uint index, bool isCancel)
    {
        ushort operation = (ushort)(isCancel && chance.Below(2) == 0 ? (uint)VfsOperation.Cancel : chance.Below(Operations));
        uint offset = chance.Below(8) == 0 ? (uint)chance.Next() : chance.Below(16) * 64;
        uint length = chance.Below(4) switch { 0 => (uint)VfsLimits.PoolLength - offset, 1 => (uint)chance.Argument(), _ => chance.Below(64) };
        uint process = chance.Below(16) == 0 ? (uint)chance.Argument() : 0;
        // Mostly the pool that is there, now and then one that is not.
        byte pool = chance.Below(8) == 0 ? (byte)chance.Next() : (byte)0;
        ulong slot = WriteSlot(index, operation, process, offset, length, pool);
        Gate.Word(slot) = chance.Below(4) == 0 ? chance.Next() : chance.Below(VfsLimits.Slots);
        for (ulong argument = 24; argument < RingLayout.SlotLength; argument += sizeof(ulong))
            Gate.Word(slot + argument) = chance.Below(3) == 0 ? VfsLimits.WorkingDirectory : chance.Argument();
        // Pages over the own code would end the attack early.
        if (operation == (ushort)VfsOperation.Map)
            Gate.Word(slot + 56) = 0x1000_0000_0000 + (chance.Next() >> 30 & ~0xFFFul);
    }

    private static ulong WriteSlot(uint index, ushort operation, uint process, uint offset, uint length, byte pool = 0)
    {
        ulong slot = Memory + VfsLimits.Shape.Submissions + index % VfsLimits.Slots * RingLayout.SlotLength;
        Gate.Word(slot) = index % VfsLimits.Slots;
        Gate.Word(slot + 8) = operation | (ulong)pool << 24 | (ulong)process << 32;
        Gate.Word(slot + 16) = offset | (ulong)length << 32;
        Gate.Word(slot + 24) = VfsLimits.WorkingDirectory;
        Gate.Word(slot + 32) = 0;
        Gate.Word(slot + 40) = 0;
        return slot;
    }

    // Names at every 64 bytes, and noise: paths, poll entries, lock and terminal structures are read from there.
    private static void FillPool(ref Chance chance)
    {
        const ulong Named = 1024;
        for (ulong at = 0; at < Named; at += sizeof(ulong))
            Gate.Word(Memory + VfsLimits.Shape.Pool + at) = chance.Below(2) == 0 ? chance.Next() : chance.Below(8);
        for (ulong at = 0; at < Named; at += 64)
        {
            ReadOnlySpan<byte> name = Name(chance.Below(12));
            for (int index = 0; index < name.Length; index++)
                SetByte(at + (ulong)index, name[index]);
            if (chance.Below(2) == 0)
                SetByte(at + (ulong)name.Length, (byte)'/');
        }
    }

    private static ReadOnlySpan<byte> Name(uint index) => index switch
    {
        0 => "a"u8,
        1 => "b/../a/c"u8,
        2 => "/proc/self/maps"u8,
        3 => "/proc/self/fd/1"u8,
        4 => "/proc/1/status"u8,
        5 => "/dev/ptmx"u8,
        6 => "/dev/pts/0"u8,
        7 => "/dev/zero"u8,
        8 => "/dev/random"u8,
        9 => "/sys/servers/vfs/inject"u8,
        10 => ".."u8,
        _ => "//./b"u8,
    };

    private static void SetByte(ulong offset, byte value)
    {
        ref ulong word = ref Gate.Word(Memory + VfsLimits.Shape.Pool + (offset & ~7ul));
        int shift = (int)(offset & 7) * 8;
        word = word & ~(0xFFul << shift) | (ulong)value << shift;
    }
}
