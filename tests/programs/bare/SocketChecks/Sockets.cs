using System;
using Bare;
using ConnectionChecks;

namespace SocketChecks;

/// <summary>Socket calls, with what they take in memory of their own. Results are values or −errno.</summary>
internal static class Sockets
{
    public const int Stream = 1, Datagram = 2, Packet = 5, NonBlock = 0x800, CloseOnExec = 0x80000;
    public const int Peek = 2, Truncate = 0x20, DontWait = 0x40, WaitAll = 0x100, NoSignal = 0x4000, CloseRights = 0x40000000;
    public const int Again = -11;

    private const long NumberOfMmap = 9, NumberOfSocket = 41, NumberOfConnect = 42, NumberOfSendTo = 44, NumberOfReceiveFrom = 45, NumberOfSendMessage = 46,
        NumberOfReceiveMessage = 47, NumberOfShutdown = 48, NumberOfBind = 49, NumberOfListen = 50, NumberOfName = 51, NumberOfPeerName = 52,
        NumberOfPair = 53, NumberOfSetOption = 54, NumberOfGetOption = 55, NumberOfAccept = 288, NumberOfUnlink = 87, NumberOfMode = 90, NumberOfStat = 5;

    // Places in the memory: addresses, struct msghdr with its vector and control data, options, what is sent and received.
    private const int AddressAt = 0, NameAt = 256, LengthAt = 512, HeaderAt = 640, VectorAt = 768, ControlAt = 1024, OptionAt = 8192, DataAt = 16384,
        MemoryLength = 1 << 20;

    private static long memory;

    public static long At(int offset)
    {
        if (memory == 0)
            memory = Linux.Call(NumberOfMmap, 0, MemoryLength, 3, 0x22, -1);
        return memory + offset;
    }

    /// <summary>Where received data lies.</summary>
    public static long Data => At(DataAt);

    public static int Create(int type, int flags = 0) => (int)Linux.Call(NumberOfSocket, 1, type | flags, 0);

    public static long CreateOf(int family, int type, int protocol) => Linux.Call(NumberOfSocket, family, type, protocol);

    public static long PairOf(int family, int type, int protocol) => Linux.Call(NumberOfPair, family, type, protocol, At(OptionAt));

    public static long Pair(int type, out int first, out int second, int flags = 0)
    {
        long result = PairOf(1, type | flags, 0);
        first = Sys.Half(At(OptionAt));
        second = Sys.Half(At(OptionAt + 4));
        return result;
    }

    /// <summary>Puts an address there; a name that begins with @ is abstract. Its length.</summary>
    public static int Address(ReadOnlySpan<byte> name, int family = 1)
    {
        Clear(At(AddressAt), 128);
        Linux.MemoryAt(At(AddressAt)) = (byte)family;
        for (int index = 0; index < name.Length; index++)
            Linux.MemoryAt(At(AddressAt) + 2 + index) = name[index] == '@' && index == 0 ? (byte)0 : name[index];
        return 2 + name.Length;
    }

    public static long Bind(int socket, ReadOnlySpan<byte> name, int family = 1)
    {
        int length = Address(name, family); // its call is first: the address is a field
        return Linux.Call(NumberOfBind, socket, At(AddressAt), length);
    }

    public static long BindRaw(int socket, int length) => Linux.Call(NumberOfBind, socket, At(AddressAt), length);

    public static long Connect(int socket, ReadOnlySpan<byte> name, int family = 1)
    {
        int length = Address(name, family);
        return Linux.Call(NumberOfConnect, socket, At(AddressAt), length);
    }

    public static long Listen(int socket, int backlog) => Linux.Call(NumberOfListen, socket, backlog);

    public static int Accept(int socket, int flags = 0) => (int)Linux.Call(NumberOfAccept, socket, 0, 0, flags);

    /// <summary>accept4(2) with the peer's address, which is reported.</summary>
    public static int AcceptNamed(int socket, ReadOnlySpan<byte> report)
    {
        Clear(At(NameAt), 128);
        Sys.Half(At(LengthAt)) = 110;
        int accepted = (int)Linux.Call(NumberOfAccept, socket, At(NameAt), At(LengthAt), 0);
        ReportName(report, accepted < 0 ? accepted : 0);
        return accepted;
    }

    public static void Name(ReadOnlySpan<byte> report, int socket, bool isPeer = false)
    {
        Clear(At(NameAt), 128);
        Sys.Half(At(LengthAt)) = 110;
        ReportName(report, Linux.Call(isPeer ? NumberOfPeerName : NumberOfName, socket, At(NameAt), At(LengthAt)));
    }

    /// <summary>Bytes of the address.</summary>
    public static long NameLength(int socket)
    {
        Sys.Half(At(LengthAt)) = 110;
        long result = Linux.Call(NumberOfName, socket, At(NameAt), At(LengthAt));
        return result < 0 ? result : Sys.Half(At(LengthAt));
    }

    public static long Shutdown(int socket, int what) => Linux.Call(NumberOfShutdown, socket, what);

    public static long Unlink(ReadOnlySpan<byte> path)
    {
        Address(path);
        return Linux.Call(NumberOfUnlink, At(AddressAt + 2));
    }

    public static long ChangeMode(ReadOnlySpan<byte> path, int mode)
    {
        Address(path);
        return Linux.Call(NumberOfMode, At(AddressAt + 2), mode);
    }

    /// <summary>st_mode of a descriptor.</summary>
    public static long Mode(int descriptor)
    {
        long result = Linux.Call(NumberOfStat, descriptor, At(OptionAt));
        return result < 0 ? result : Sys.Half(At(OptionAt + 24));
    }

    public static long Send(int socket, ReadOnlySpan<byte> bytes, int flags = 0) => SendLength(socket, Put(bytes), flags);

    public static long SendLength(int socket, int length, int flags = 0) => Linux.Call(NumberOfSendTo, socket, Data, length, flags, 0, 0);

    public static long SendTo(int socket, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> name, int flags = 0)
    {
        int length = Put(bytes), address = Address(name);
        return Linux.Call(NumberOfSendTo, socket, Data, length, flags, At(AddressAt), address);
    }

    /// <summary>recv(2): bytes × 1000 and the first of them, or −errno.</summary>
    public static long Receive(int socket, int most, int flags = 0)
    {
        Linux.MemoryAt(Data) = 0;
        long result = Linux.Call(NumberOfReceiveFrom, socket, Data, most, flags, 0, 0);
        return result < 0 ? result : result * 1000 + Linux.MemoryAt(Data);
    }

    public static void ReceiveFrom(ReadOnlySpan<byte> report, int socket, int most, int flags = 0)
    {
        Clear(At(NameAt), 128);
        Sys.Half(At(LengthAt)) = 110;
        long result = Linux.Call(NumberOfReceiveFrom, socket, Data, most, flags, At(NameAt), At(LengthAt));
        Report.Number(report, result);
        ReportName(report, result < 0 ? result : 0);
    }

    public static long SetOption(int socket, int option, long value, int length = 4, int level = 1)
    {
        Sys.Word(At(OptionAt)) = (ulong)value;
        Sys.Word(At(OptionAt + 8)) = 0;
        return Linux.Call(NumberOfSetOption, socket, level, option, At(OptionAt), length);
    }

    /// <summary>SO_RCVTIMEO or SO_SNDTIMEO, milliseconds.</summary>
    public static long SetTime(int socket, int option, int milliseconds)
    {
        Sys.Word(At(OptionAt)) = (ulong)(milliseconds / 1000);
        Sys.Word(At(OptionAt + 8)) = (ulong)(milliseconds % 1000) * 1000;
        return Linux.Call(NumberOfSetOption, socket, 1, option, At(OptionAt), 16);
    }

    public static long Option(int socket, int option, int length = 4, int level = 1)
    {
        Clear(At(OptionAt), 64);
        Sys.Half(At(LengthAt)) = length;
        long result = Linux.Call(NumberOfGetOption, socket, level, option, At(OptionAt), At(LengthAt));
        return result < 0 ? result : Sys.Half(At(OptionAt));
    }

    /// <summary>A word of the last value, and its length as the word −1.</summary>
    public static int OptionWord(int index) => index < 0 ? Sys.Half(At(LengthAt)) : Sys.Half(At(OptionAt) + 4 * index);

    /// <summary>sendmsg(2) with control data that was put there.</summary>
    public static long SendControl(int socket, ReadOnlySpan<byte> bytes, int controlLength, int flags = 0)
    {
        Header(Put(bytes), controlLength);
        return Linux.Call(NumberOfSendMessage, socket, At(HeaderAt), flags);
    }

    /// <summary>recvmsg(2) with so much room for control data: bytes × 1000 and the first, or −errno.</summary>
    public static long ReceiveControl(int socket, int most, int controlLength, int flags = 0)
    {
        Clear(At(ControlAt), 2048);
        Linux.MemoryAt(Data) = 0;
        Header(most, controlLength);
        long result = Linux.Call(NumberOfReceiveMessage, socket, At(HeaderAt), flags);
        return result < 0 ? result : result * 1000 + Linux.MemoryAt(Data);
    }

    /// <summary>Flags and length of control data that the last one left.</summary>
    public static int ReceivedFlags => Sys.Half(At(HeaderAt + 48));

    public static int ReceivedLength => Sys.Half(At(HeaderAt + 40));

    /// <summary>A word of 32 bits of the control data.</summary>
    public static int ControlWord(int offset) => Sys.Half(At(ControlAt + offset));

    /// <summary>Begins control data: a header of so many bytes of content. Where the content goes.</summary>
    public static long PutControl(int at, int type, int length, int level = 1)
    {
        Sys.Word(At(ControlAt + at)) = (ulong)(16 + length);
        Sys.Half(At(ControlAt + at + 8)) = level;
        Sys.Half(At(ControlAt + at + 12)) = type;
        return At(ControlAt + at + 16);
    }

    /// <summary>sendmsg(2) with descriptors.</summary>
    public static long SendRights(int socket, ReadOnlySpan<byte> bytes, int first, int second = -1, int flags = 0)
    {
        long content = PutControl(0, 1, second < 0 ? 4 : 8);
        Sys.Half(content) = first;
        Sys.Half(content + 4) = second;
        return SendControl(socket, bytes, second < 0 ? 24 : 24, flags);
    }

    public static void Clear(long address, int length)
    {
        for (int index = 0; index < length; index += 8)
            Sys.Word(address + index) = 0;
    }

    private static int Put(ReadOnlySpan<byte> bytes)
    {
        for (int index = 0; index < bytes.Length; index++)
            Linux.MemoryAt(Data + index) = bytes[index];
        return bytes.Length;
    }

    private static void Header(int length, int controlLength)
    {
        Clear(At(HeaderAt), 64);
        Sys.Word(At(VectorAt)) = (ulong)Data;
        Sys.Word(At(VectorAt + 8)) = (ulong)length;
        Sys.Word(At(HeaderAt + 16)) = (ulong)At(VectorAt);
        Sys.Word(At(HeaderAt + 24)) = 1;
        Sys.Word(At(HeaderAt + 32)) = controlLength == 0 ? 0 : (ulong)At(ControlAt);
        Sys.Word(At(HeaderAt + 40)) = (ulong)controlLength;
    }

    private static void ReportName(ReadOnlySpan<byte> report, long result)
    {
        int length = Sys.Half(At(LengthAt));
        Report.Number(report, result < 0 ? result : length);
        if (result < 0 || length > 110)
            return;
        Span<byte> name = stackalloc byte[112];
        for (int index = 0; index < length; index++)
            name[index] = Linux.MemoryAt(At(NameAt) + index);
        Report.Bytes(report, name[..length], length);
    }
}
