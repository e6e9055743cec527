using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// recvfrom(2), recvmsg(2), recvmmsg(2). Plain bytes come through memory (<see cref="Streams"/>, <see cref="MessageStreams"/>), all else by requests.
/// </summary>
internal static unsafe class ReceiveCalls
{
    private const uint Piece = PoolBlocks.UnitLength << PoolBlocks.LargestOrder, MostMessages = 1024;

    /// <summary>Flags that mean nothing but bytes.</summary>
    private const uint Plain = SocketNumbers.MsgDontWait | SocketNumbers.MsgNoSignal | SocketNumbers.MsgCloseOnExec;

    /// <summary>recvfrom, and so recv.</summary>
    public static long From(TaskState* task, ulong fd, ulong buffer, ulong length, ulong flags, ulong address, ulong lengthAddress)
    {
        if (length > IoVectors.LargestTotal)
            length = IoVectors.LargestTotal;
        if (!UserMemory.IsUser(buffer, length))
            return -Errno.EFAULT;
        Descriptor descriptor;
        if (!SocketAddress.TryFind(task, fd, &descriptor, out long error))
            return error;
        Incoming incoming;
        incoming.Name = address;
        incoming.NameLength = lengthAddress;
        incoming.IsMessage = 0;
        IoVectors.Single(&incoming.Vectors, buffer, length);
        return Receive(task, &descriptor, (uint)flags, &incoming);
    }

    /// <summary>recvmsg.</summary>
    public static long Message(TaskState* task, ulong fd, ulong header, ulong flags)
    {
        Descriptor descriptor;
        return SocketAddress.TryFind(task, fd, &descriptor, out long error) ? Message(task, &descriptor, header, (uint)flags) : error;
    }

    /// <summary>recvmmsg: how many were received, or the error of the first. The time is looked at between messages, as on Linux.</summary>
    public static long Messages(TaskState* task, ulong fd, ulong headers, ulong count, ulong flags, ulong timeout)
    {
        ulong deadline = Deadline.Never;
        if (timeout != 0)
        {
            long status = TimeSpecification.Read(timeout, out ulong nanoseconds);
            if (status < 0)
                return status;
            deadline = Clock.After(nanoseconds);
        }
        Descriptor descriptor;
        if (!SocketAddress.TryFind(task, fd, &descriptor, out long result))
            return result;
        uint most = (uint)count < MostMessages ? (uint)count : MostMessages, done = 0, kind = (uint)flags & ~SocketNumbers.MsgWaitForOne;
        while (done < most)
        {
            ulong header = headers + done * MessageHeader.LengthOfMany;
            result = Message(task, &descriptor, header, kind);
            if (result >= 0 && !UserMemory.WriteU32(header + MessageHeader.Length, (uint)result))
                result = -Errno.EFAULT;
            if (result < 0)
                break;
            done++;
            if (((uint)flags & SocketNumbers.MsgWaitForOne) != 0)
                kind |= SocketNumbers.MsgDontWait;
            if (deadline != Deadline.Never && Clock.Now >= deadline)
                break;
        }
        return done > 0 ? done : most == 0 ? 0 : result;
    }

    /// <summary>read(2) of a message by requests: as a whole, however long it is.</summary>
    public static long Whole(TaskState* task, Descriptor* descriptor, IoVectors* vectors)
    {
        Incoming incoming;
        incoming.Name = incoming.NameLength = 0;
        incoming.IsMessage = 0;
        IoVectors.Copy(&incoming.Vectors, vectors);
        return ByRequests(task, descriptor, 0, &incoming);
    }

    private static long Message(TaskState* task, Descriptor* descriptor, ulong address, uint flags)
    {
        MessageHeader header;
        Incoming incoming;
        long result = MessageHeader.Load(address, &header, &incoming.Vectors, isSent: false);
        if (result < 0)
            return result;
        incoming.Name = header.Name;
        incoming.NameLength = header.NameLength;
        incoming.IsMessage = 1;
        incoming.Control.Address = header.Control;
        incoming.Control.Room = header.Control == 0 ? 0 : header.ControlLength;
        incoming.Control.Flags = flags & SocketNumbers.MsgCloseOnExec; // as on Linux it comes back
        result = Receive(task, descriptor, flags, &incoming);
        IoVectors.Free(&incoming.Vectors);
        if (result < 0)
            return result;
        ulong control = incoming.Control.Address - header.Control;
        bool isWritten = (header.Name == 0 || UserMemory.WriteU32(address + MessageHeader.NameLengthAt, (uint)incoming.NameLength))
            && UserMemory.WriteU32(address + MessageHeader.FlagsAt, incoming.Control.Flags)
            && UserMemory.WriteU64(address + MessageHeader.ControlLengthAt, control);
        return isWritten ? result : -Errno.EFAULT;
    }

    private static long Receive(TaskState* task, Descriptor* descriptor, uint flags, Incoming* incoming)
    {
        bool isStream = (descriptor->Bits & DescriptorBits.Stream) != 0;
        // What comes with bytes, and the sender's name, only a request tells; streams whose bytes may come with more do not go through memory.
        if (isStream && incoming->Name == 0 && (flags & ~Plain) == 0
            && Streams.TryMove(task, descriptor, &incoming->Vectors, write: false, flags & SocketNumbers.MsgDontWait, out long moved))
            return moved;
        if ((descriptor->Bits & DescriptorBits.Messages) != 0 && incoming->Name == 0 && (flags & ~(Plain | SocketNumbers.MsgTruncated)) == 0
            && MessageStreams.TryReceive(task, descriptor, &incoming->Vectors, flags, out moved, out bool isCut))
        {
            if (isCut && incoming->IsMessage != 0)
                incoming->Control.Flags |= SocketNumbers.MsgTruncated;
            return moved;
        }
        return ByRequests(task, descriptor, flags, incoming);
    }

    private static long ByRequests(TaskState* task, Descriptor* descriptor, uint flags, Incoming* incoming)
    {
        bool isStream = (descriptor->Bits & DescriptorBits.Stream) != 0;
        ulong done = 0;
        for (;;)
        {
            long result = ReceivePiece(task, descriptor, flags, incoming, incoming->Vectors.Total - done, out uint given, out bool isOver);
            if (result < 0)
                return done > 0 ? (long)done : result;
            done += (ulong)result;
            bool isAll = isStream && (flags & (SocketNumbers.MsgWaitAll | SocketNumbers.MsgPeek)) == SocketNumbers.MsgWaitAll;
            if (!isAll || isOver || done >= incoming->Vectors.Total || (ulong)result < given)
                return (long)done;
            IoVectors.Advance(&incoming->Vectors, (ulong)result);
        }
    }

    private static long ReceivePiece(TaskState* task, Descriptor* descriptor, uint flags, Incoming* incoming, ulong left, out uint given, out bool isOver)
    {
        isOver = false;
        uint places = PlacesIn(incoming), name = incoming->Name != 0 ? (uint)SocketLimits.AddressRoom : 0, front = name + places * SocketRight.Length;
        given = left < Piece - front ? (uint)left : Piece - front;
        if ((descriptor->Bits & DescriptorBits.Stream) != 0)
            given = VfsPool.PatientLength(task, given);
        VfsRequest request;
        DataRequest.Begin(&request, VfsOperation.Receive, descriptor, flags, ReceiveArguments.Of(name, places));
        if (incoming->IsMessage != 0)
        {
            request.A2 |= ReceiveArguments.HasHeader;
            request.A3 = incoming->Control.Room;
        }
        if ((ulong)given < left && (descriptor->Bits & DescriptorBits.Stream) == 0)
            request.A4 = left;
        long result = front + given == 0 ? 0 : VfsPool.Take(task, &request, front + given, front + given);
        if (result < 0)
            return result;
        result = VfsClient.Call(task, &request);
        DescriptorTable.NoteActivity(task, descriptor->Handle);
        ulong rest = result >= 0 ? SocketAnswer.RestOf(request.V0) : 0;
        if (result > (rest != 0 ? (long)left : given) && (flags & SocketNumbers.MsgTruncated) == 0)
            result = -Errno.EIO;
        long whole = result;
        if (result >= 0)
            result = Take(task, &request, incoming, flags, front, given, result, out isOver);
        VfsPool.Give(task, &request);
        if (rest != 0)
            result = TakeRest(task, rest, &incoming->Vectors, given, (ulong)whole < left ? (ulong)whole : left, result);
        return SocketCalls.Restart(&request, result);
    }

    private static long TakeRest(TaskState* task, ulong number, IoVectors* vectors, uint given, ulong length, long result)
    {
        if (result < 0 || length <= given)
        {
            LongMessages.Drop(task, number);
            return result;
        }
        IoVectors.Advance(vectors, given);
        long taken = LongMessages.Take(task, number, vectors, length - given);
        return taken < 0 ? taken : result;
    }

    // Data first, as on Linux; what has come with it is there, or lost, whatever becomes of the rest.
    private static long Take(TaskState* task, VfsRequest* request, Incoming* incoming, uint flags, uint front, uint given, long result, out bool isOver)
    {
        byte* buffer = VfsPool.BufferOf(request);
        ulong length = (ulong)result < given ? (ulong)result : given;
        bool isCopied = length == 0 || IoVectors.CopyOut(&incoming->Vectors, buffer + front, length) == length;
        ulong answer = request->V0;
        uint rights = SocketAnswer.RightsOf(answer), places = PlacesIn(incoming);
        isOver = rights != 0 || (answer & SocketAnswer.HasCredentials) != 0;
        long error = 0;
        if (incoming->IsMessage != 0)
        {
            IncomingControl* control = &incoming->Control;
            control->Flags |= ((answer & SocketAnswer.IsCut) != 0 ? SocketNumbers.MsgTruncated : 0)
                | ((answer & SocketAnswer.LostControl) != 0 ? SocketNumbers.MsgControlTruncated : 0);
            if ((answer & SocketAnswer.HasCredentials) != 0)
                error = IncomingControl.WriteCredentials(control, request->V1, request->V2);
            if (rights != 0 && rights <= places)
            {
                bool isCloseOnExec = (flags & SocketNumbers.MsgCloseOnExec) != 0;
                long written = IncomingControl.WriteRights(task, control, buffer + front - places * SocketRight.Length, rights, isCloseOnExec);
                error = error < 0 ? error : written;
            }
        }
        if (incoming->Name != 0 && error == 0)
            error = GiveName(incoming, buffer, SocketAnswer.AddressOf(answer));
        return error < 0 ? error : isCopied ? result : -Errno.EFAULT;
    }

    private static long GiveName(Incoming* incoming, byte* name, uint length)
    {
        if (incoming->IsMessage == 0)
            return SocketAddress.Write(incoming->Name, incoming->NameLength, name, length, isNothing: length == 0);
        long whole = SocketAddress.WriteTo(incoming->Name, (uint)incoming->NameLength, name, length, isNothing: length == 0);
        if (whole >= 0)
            incoming->NameLength = (ulong)whole;
        return whole < 0 ? whole : 0;
    }

    // As many descriptors as msg_control has room for.
    private static uint PlacesIn(Incoming* incoming)
    {
        if (incoming->IsMessage == 0 || incoming->Control.Room <= SocketNumbers.ControlHeader)
            return 0;
        ulong places = (incoming->Control.Room - SocketNumbers.ControlHeader) / sizeof(int);
        return places < SocketLimits.MostRights ? (uint)places : SocketLimits.MostRights;
    }

    // What is to be received, and where it goes.
    private struct Incoming
    {
        public IoVectors Vectors;
        public IncomingControl Control;

        // NameLength: of recvmsg(2) the room and then the length, else the address of the length.
        public ulong Name, NameLength;
        public uint IsMessage;
    }
}
