using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// sendto(2), sendmsg(2), sendmmsg(2). Plain bytes go through memory (<see cref="Streams"/>, <see cref="MessageStreams"/>), all else by requests.
/// </summary>
internal static unsafe class SendCalls
{
    private const uint Piece = PoolBlocks.UnitLength << PoolBlocks.LargestOrder, AtomicLength = 4096;

    /// <summary>Flags that mean nothing but bytes.</summary>
    private const uint Plain = SocketNumbers.MsgDontWait | SocketNumbers.MsgNoSignal | SocketNumbers.MsgMore | SocketNumbers.MsgEndOfRecord;

    private const uint MostMessages = 1024;

    /// <summary>sendto, and so send.</summary>
    public static long To(TaskState* task, ulong fd, ulong buffer, ulong length, ulong flags, ulong address, ulong addressLength)
    {
        if (length > IoVectors.LargestTotal)
            length = IoVectors.LargestTotal;
        if (!UserMemory.IsUser(buffer, length))
            return -Errno.EFAULT;
        Descriptor descriptor;
        if (!SocketAddress.TryFind(task, fd, &descriptor, out long error))
            return error;
        IoVectors vectors;
        IoVectors.Single(&vectors, buffer, length);
        return Send(task, &descriptor, &vectors, (uint)flags, address, address == 0 ? 0 : addressLength, null);
    }

    /// <summary>sendmsg.</summary>
    public static long Message(TaskState* task, ulong fd, ulong header, ulong flags)
    {
        Descriptor descriptor;
        return SocketAddress.TryFind(task, fd, &descriptor, out long error) ? Message(task, &descriptor, header, (uint)flags) : error;
    }

    /// <summary>sendmmsg: how many were sent, or the error of the first.</summary>
    public static long Messages(TaskState* task, ulong fd, ulong headers, ulong count, ulong flags)
    {
        Descriptor descriptor;
        if (!SocketAddress.TryFind(task, fd, &descriptor, out long result))
            return result;
        uint most = (uint)count < MostMessages ? (uint)count : MostMessages, done = 0;
        for (; done < most; done++)
        {
            ulong header = headers + done * MessageHeader.LengthOfMany;
            result = Message(task, &descriptor, header, (uint)flags);
            if (result >= 0 && !UserMemory.WriteU32(header + MessageHeader.Length, (uint)result))
                result = -Errno.EFAULT;
            if (result < 0)
                break;
        }
        return done > 0 ? done : most == 0 ? 0 : result;
    }

    private static long Message(TaskState* task, Descriptor* descriptor, ulong address, uint flags)
    {
        MessageHeader header;
        IoVectors vectors;
        long result = MessageHeader.Load(address, &header, &vectors, isSent: true);
        if (result < 0)
            return result;
        OutgoingControl control;
        control.Count = control.HasCredentials = 0;
        if (header.ControlLength != 0)
            result = OutgoingControl.Read(task, &control, header.Control, header.ControlLength);
        bool hasControl = (control.Count | control.HasCredentials) != 0;
        if (result == 0)
            result = Send(task, descriptor, &vectors, flags, header.Name, header.NameLength, hasControl ? &control : null);
        IoVectors.Free(&vectors);
        return result;
    }

    /// <summary>write(2) of a message by requests: as a whole, however long it is.</summary>
    public static long Whole(TaskState* task, Descriptor* descriptor, IoVectors* vectors) => ByRequests(task, descriptor, vectors, 0, 0, 0, null, 0);

    private static long Send(
        TaskState* task, Descriptor* descriptor, IoVectors* vectors, uint flags, ulong address, ulong addressLength, OutgoingControl* control)
    {
        long moved = 0;
        bool isStream = (descriptor->Bits & DescriptorBits.Stream) != 0;
        if ((descriptor->Bits & DescriptorBits.Messages) != 0 && addressLength == 0 && control == null && (flags & ~Plain) == 0
            && MessageStreams.TrySend(task, descriptor, vectors, flags, out moved))
            return moved;
        if (isStream && addressLength == 0 && control == null && (flags & ~Plain) == 0
            && Streams.TryMove(task, descriptor, vectors, write: true, flags, out moved))
            return moved;
        return ByRequests(task, descriptor, vectors, flags, address, addressLength, control, moved);
    }

    // Only of streams a part goes through memory, and then the rest is sent here.
    private static long ByRequests(
        TaskState* task, Descriptor* descriptor, IoVectors* vectors, uint flags, ulong address, ulong addressLength, OutgoingControl* control, long moved)
    {
        bool isStream = (descriptor->Bits & DescriptorBits.Stream) != 0, isFirst = moved == 0;
        ulong left = vectors->Total;
        for (;;)
        {
            long result = SendPiece(task, descriptor, vectors, left, flags, address, addressLength, isFirst ? control : null, isFirst, out uint given);
            if (result < 0)
                return moved > 0 ? moved : result;
            moved += result;
            if (!isStream)
                return moved;
            left -= (ulong)result;
            IoVectors.Advance(vectors, (ulong)result);
            if (left == 0 || (ulong)result < given)
                return moved;
            isFirst = false;
        }
    }

    private static long SendPiece(
        TaskState* task, Descriptor* descriptor, IoVectors* vectors, ulong left, uint flags, ulong address, ulong addressLength, OutgoingControl* control,
        bool isFirst, out uint given)
    {
        given = 0;
        VfsRequest request;
        DataRequest.Begin(&request, VfsOperation.Send, descriptor, flags);
        byte* name = stackalloc byte[(int)SocketAddress.Longest];
        long nameLength = 0;
        if (addressLength != 0)
        {
            nameLength = SocketAddress.Read(address, addressLength, name, out ushort family);
            if (nameLength == -Errno.EFAULT || (uint)addressLength > SocketAddress.Longest)
                return nameLength;
            // What is no address of this family is refused by vfs, in its turn.
            if (nameLength < 0 || family != SocketNumbers.UnixFamily)
                nameLength = 0;
        }
        uint rights = control == null ? 0 : control->Count, front = (uint)nameLength + rights * sizeof(uint);
        bool isStream = (descriptor->Bits & DescriptorBits.Stream) != 0;
        ulong whole = left;
        if (!isStream && left > Piece - front)
        {
            long number = LongMessages.Give(task, descriptor, vectors, front);
            if (number < 0)
                return number;
            request.A1 |= (ulong)number << 32;
            left = number == 0 ? left : IoVectors.Rest(vectors);
        }
        uint wanted = left < Piece - front ? (uint)left : Piece - front;
        if (isStream && left > AtomicLength)
            wanted = VfsPool.PatientLength(task, wanted);
        uint least = !isStream || wanted < AtomicLength ? wanted : AtomicLength;
        long result = front + wanted == 0 ? 0 : VfsPool.Take(task, &request, front + wanted, front + least);
        if (result < 0)
        {
            LongMessages.Drop(task, request.A1 >> 32);
            return result;
        }
        byte* buffer = VfsPool.BufferOf(&request);
        BlockMemory.Move(buffer, name, (ulong)nameLength);
        if (rights != 0)
            BlockMemory.Move(buffer + nameLength, control->Handles, rights * sizeof(uint));
        given = request.PoolLength - front;
        uint copied = given == 0 ? 0 : (uint)IoVectors.CopyIn(vectors, buffer + front, given);
        if (copied < given && (!isStream || copied == 0))
            result = -Errno.EFAULT;
        given = copied;
        request.PoolLength = front + given;
        request.A2 = SendArguments.Of((uint)nameLength, rights) | (addressLength != 0 ? SendArguments.HasAddress : 0)
            | (control != null && control->HasCredentials != 0 ? SendArguments.HasCredentials : 0) | (given < left ? SendArguments.IsPartial : 0);
        request.A3 = control == null ? 0 : control->Pid;
        request.A4 = control == null ? 0 : control->User | (ulong)control->Group << 32;
        if (result == 0)
            result = VfsClient.Call(task, &request);
        // Whatever became of it: unless it was sent, or is sent again from its start, nobody wants it.
        if (result < 0)
            LongMessages.Drop(task, request.A1 >> 32);
        if (result > 0 && (ulong)result > (isStream ? given : whole))
            result = -Errno.EIO;
        VfsPool.Give(task, &request);
        DescriptorTable.NoteActivity(task, descriptor->Handle);
        bool isLoud = isFirst && (flags & SocketNumbers.MsgNoSignal) == 0 && (request.V0 & SocketAnswer.IsSilent) == 0;
        if (result == -Errno.EPIPE && isLoud)
            SignalToSelf.BrokenPipe(task);
        return SocketCalls.Restart(&request, result);
    }
}
