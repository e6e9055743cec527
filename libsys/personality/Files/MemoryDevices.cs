using System.Runtime.CompilerServices;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// /dev/null, zero, full and random without a request (docs/files-in-memory.md): they have no state but that of the random generator, and the descriptor says
/// which it is. What is written to a random device goes to vfs, which mixes it in.
/// </summary>
internal static unsafe class MemoryDevices
{
    /// <summary>Bytes between two looks whether a signal ends the call.</summary>
    private const ulong Piece = 4096;

    /// <summary>read(2) or write(2), also at an offset, of a buffer below the window. False: not without a request.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryMove(TaskState* task, uint bits, ulong buffer, ulong length, bool write, out long result)
    {
        MemoryDeviceKind device = DescriptorBits.DeviceOf(bits);
        result = -Errno.EBADF;
        if ((bits & (write ? DescriptorBits.DeviceWrites : DescriptorBits.DeviceReads)) == 0)
            return true;
        if (write)
        {
            result = device == MemoryDeviceKind.Full ? -Errno.ENOSPC : (long)length;
            return device != MemoryDeviceKind.Random;
        }
        result = 0;
        if (device != MemoryDeviceKind.Null && length != 0)
        {
            ulong done = Fill(task, device, buffer, length);
            result = done == 0 ? -Errno.EFAULT : (long)done;
        }
        return true;
    }

    /// <summary>The same for several buffers.</summary>
    public static bool TryMove(TaskState* task, uint bits, IoVectors* vectors, bool write, out long result)
    {
        MemoryDeviceKind device = DescriptorBits.DeviceOf(bits);
        if (write || device == MemoryDeviceKind.Null || vectors->Total == 0)
        {
            bool isAnswered = TryMove(task, bits, 0, vectors->Total, write, out result);
            if (vectors->Total == 0 && result != -Errno.EBADF)
                result = 0; // Linux does not ask a device for no bytes by vectors
            return isAnswered;
        }
        result = -Errno.EBADF;
        if ((bits & DescriptorBits.DeviceReads) == 0)
            return true;
        ulong done = 0;
        while (IoVectors.Next(vectors, out ulong address, out ulong length))
        {
            ulong filled = Fill(task, device, address, length);
            done += filled;
            if (filled < length)
                break;
        }
        result = done == 0 ? -Errno.EFAULT : (long)done;
        return true;
    }

    // Bytes, fewer where the memory ends or a signal has come.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong Fill(TaskState* task, MemoryDeviceKind device, ulong buffer, ulong length)
    {
        ulong done = 0;
        do
        {
            ulong piece = length - done < Piece ? length - done : Piece;
            ulong filled = device == MemoryDeviceKind.Random
                ? RandomGenerator.FillProgram(task->Process->Space, buffer + done, piece)
                : piece - Stubs.UserZero(buffer + done, piece);
            done += filled;
            if (filled < piece)
                break;
        }
        while (done < length && !SignalDelivery.IsDue(task));
        return done;
    }
}
