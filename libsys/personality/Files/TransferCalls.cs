using System.Runtime.InteropServices;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>One side of a transfer.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TransferEnd
{
    /// <summary>Number of the descriptor.</summary>
    public ulong Number;

    /// <summary>What it stands for.</summary>
    public Descriptor Descriptor;

    /// <summary>Where in the file; all ones: at the description's own offset, which moves.</summary>
    public ulong Offset;

    /// <summary>Where the program wants to be told of the offset afterwards; 0: nowhere.</summary>
    public ulong Address;
}

/// <summary>sendfile(2), copy_file_range(2), splice(2), tee(2): from file to file. What lies in memory moves there, the rest is a request.</summary>
internal static unsafe class TransferCalls
{
    /// <summary>Longest Transfer, and its options: see <see cref="VfsOperation.Transfer"/>.</summary>
    private const ulong TransferLimit = 1UL << 30, WaitsForNoPipe = 1UL << 63, OfRange = 1UL << 62;
    private const uint SPLICE_F_NONBLOCK = 2;

    /// <summary>"The description's own offset", as <see cref="ReadWriteCalls"/> says it.</summary>
    private const ulong Own = ulong.MaxValue;

    /// <summary>sendfile(out, in, offset, count).</summary>
    public static long SendFile(TaskState* task, ulong output, ulong input, ulong offsetAddress, ulong count)
    {
        TransferEnd source, target;
        long error = SetOffset(&source, offsetAddress);
        target.Address = 0;
        target.Offset = Own;
        if (error != 0)
            return error;
        return Find(task, input, &source) && Find(task, output, &target) ? Transfer(task, &target, &source, count) : -Errno.EBADF;
    }

    /// <summary>copy_file_range(in, in offset, out, out offset, length, flags 0).</summary>
    public static long CopyRange(TaskState* task, ulong input, ulong inAddress, ulong output, ulong outAddress, ulong length, ulong flags)
    {
        TransferEnd source, target;
        if (!Find(task, input, &source) || !Find(task, output, &target))
            return -Errno.EBADF;
        if ((uint)flags != 0 || !IsOfType(task, &source, InodeMode.Regular) || !IsOfType(task, &target, InodeMode.Regular))
            return -Errno.EINVAL;
        return Move(task, &source, inAddress, &target, outAddress, length, OfRange);
    }

    /// <summary>splice(in, in offset, out, out offset, length, flags): one side is a pipe, which has no offset.</summary>
    public static long Splice(TaskState* task, ulong input, ulong inAddress, ulong output, ulong outAddress, ulong length, ulong flags)
    {
        TransferEnd source, target;
        long error = FindEnds(task, input, &source, output, &target, flags, length);
        if (error != 0 || length == 0)
            return error;
        bool fromPipe = IsOfType(task, &source, InodeMode.Fifo), toPipe = IsOfType(task, &target, InodeMode.Fifo);
        if (!fromPipe && !toPipe)
            return -Errno.EINVAL;
        if (fromPipe && inAddress != 0 || toPipe && outAddress != 0)
            return -Errno.ESPIPE;
        return Move(task, &source, inAddress, &target, outAddress, length, ((uint)flags & SPLICE_F_NONBLOCK) != 0 ? WaitsForNoPipe : 0);
    }

    /// <summary>tee(in, out, length, flags): from pipe to pipe, and the first keeps what it has.</summary>
    public static long Tee(TaskState* task, ulong input, ulong output, ulong length, ulong flags)
    {
        TransferEnd source, target;
        long error = FindEnds(task, input, &source, output, &target, flags, length);
        if (error != 0 || length == 0)
            return error;
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.Tee, target.Descriptor.Handle, source.Descriptor.Handle, length,
            ((uint)flags & SPLICE_F_NONBLOCK) != 0 ? 1ul : 0);
        long result = PathArgument.Finish(task, &request);
        DescriptorTable.NoteActivity(task, (uint)output);
        if (result == -Errno.EPIPE)
            SignalToSelf.BrokenPipe(task);
        return result;
    }

    // What splice and tee check before anything else, in this order. Nothing is looked up for no bytes.
    private static long FindEnds(TaskState* task, ulong input, TransferEnd* source, ulong output, TransferEnd* target, ulong flags, ulong length)
    {
        if (((uint)flags & ~0xFu) != 0)
            return -Errno.EINVAL;
        if (length == 0)
            return 0;
        source->Number = input;
        target->Number = output;
        if (!DescriptorTable.Find(task, input, &source->Descriptor) || !DescriptorTable.Find(task, output, &target->Descriptor))
            return -Errno.EBADF;
        return ((source->Descriptor.Bits | target->Descriptor.Bits) & DescriptorBits.Local) != 0 ? -Errno.EINVAL : 0;
    }

    private static bool Find(TaskState* task, ulong number, TransferEnd* end)
    {
        end->Number = number;
        return DescriptorTable.Find(task, number, &end->Descriptor) && (end->Descriptor.Bits & DescriptorBits.Local) == 0;
    }

    private static bool IsOfType(TaskState* task, TransferEnd* end, uint type) =>
        DescriptorFacts.Learn(task, end->Number, &end->Descriptor) && (end->Descriptor.Mode & InodeMode.TypeMask) == type;

    private static long SetOffset(TransferEnd* end, ulong address)
    {
        end->Address = address;
        end->Offset = Own;
        if (address == 0)
            return 0;
        if (!UserMemory.ReadU64(address, out end->Offset))
            return -Errno.EFAULT;
        return (long)end->Offset < 0 ? -Errno.EINVAL : 0;
    }

    private static long Move(
        TaskState* task, TransferEnd* source, ulong inAddress, TransferEnd* target, ulong outAddress, ulong length, ulong options)
    {
        long ofSource = SetOffset(source, inAddress), ofTarget = SetOffset(target, outAddress);
        if (ofSource == -Errno.EFAULT || ofTarget == -Errno.EFAULT)
            return -Errno.EFAULT;
        return ofSource != 0 || ofTarget != 0 ? -Errno.EINVAL : length == 0 ? 0 : Transfer(task, target, source, length, options);
    }

    // Of no bytes, sendfile still says what is wrong with its descriptors.
    private static long Transfer(TaskState* task, TransferEnd* target, TransferEnd* source, ulong length, ulong options = 0)
    {
        ulong outOffset = target->Offset, inOffset = source->Offset;
        if (!TryInMemory(task, target, source, length, options, out long result) && result >= 0)
        {
            long rest = Ask(task, target, source, length - (ulong)result, options);
            result = rest >= 0 ? result + rest : result > 0 ? result : rest;
        }
        if (result > 0 && source->Address != 0 && !UserMemory.WriteU64(source->Address, inOffset + (ulong)result))
            return -Errno.EFAULT;
        if (result > 0 && target->Address != 0 && !UserMemory.WriteU64(target->Address, outOffset + (ulong)result))
            return -Errno.EFAULT;
        return result;
    }

    // False: a request is to move what comes after the bytes that have been moved.
    private static bool TryInMemory(TaskState* task, TransferEnd* target, TransferEnd* source, ulong length, ulong options, out long result)
    {
        result = 0;
        return (source->Descriptor.Bits & DescriptorBits.Slot) != 0 && (target->Descriptor.Bits & (DescriptorBits.Slot | DescriptorBits.Stream)) != 0
            && SharedContents.TryPass(task, &source->Descriptor, length, ref source->Offset, target, (options & WaitsForNoPipe) != 0, out result);
    }

    private static long Ask(TaskState* task, TransferEnd* target, TransferEnd* source, ulong length, ulong options)
    {
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.Transfer, target->Descriptor.Handle, target->Offset, source->Descriptor.Handle, source->Offset,
            (length < TransferLimit ? length : TransferLimit) | options);
        long result = PathArgument.Finish(task, &request);
        DescriptorTable.NoteActivity(task, source->Descriptor.Handle);
        DescriptorTable.NoteActivity(task, target->Descriptor.Handle);
        SharedFiles.Learn(task, target->Number, &target->Descriptor, request.V2);
        SharedFiles.Learn(task, source->Number, &source->Descriptor, request.V1);
        if (result == -Errno.EPIPE)
            SignalToSelf.BrokenPipe(task);
        return SignalToSelf.IfTooLarge(task, &request, result);
    }
}
