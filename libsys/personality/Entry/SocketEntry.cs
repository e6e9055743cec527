using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>Calls on sockets; what is none may be one of System V IPC.</summary>
internal static unsafe class SocketEntry
{
    /// <summary>Result, or a value of <see cref="Errno"/> negated; -ENOSYS for what is not known.</summary>
    public static long Call(TaskState* task, RegisterFrame* frame, uint number)
    {
        ulong a = frame->Rdi, b = frame->Rsi, c = frame->Rdx, d = frame->R10, e = frame->R8, f = frame->R9;
        switch (number)
        {
            case LinuxCall.socket: return SocketCalls.Create(task, a, b, c);
            case LinuxCall.socketpair: return SocketCalls.CreatePair(task, a, b, c, d);
            case LinuxCall.bind: return SocketNameCalls.Bind(task, a, b, c);
            case LinuxCall.connect: return SocketNameCalls.Connect(task, a, b, c);
            case LinuxCall.listen: return SocketCalls.Listen(task, a, b);
            case LinuxCall.accept: return SocketCalls.Accept(task, a, b, c, 0);
            case LinuxCall.accept4: return SocketCalls.Accept(task, a, b, c, d);
            case LinuxCall.getsockname: return SocketNameCalls.Name(task, a, b, c, isPeer: false);
            case LinuxCall.getpeername: return SocketNameCalls.Name(task, a, b, c, isPeer: true);
            case LinuxCall.sendmsg: return SendCalls.Message(task, a, b, c);
            case LinuxCall.recvmsg: return ReceiveCalls.Message(task, a, b, c);
            case LinuxCall.sendmmsg: return SendCalls.Messages(task, a, b, c, d);
            case LinuxCall.recvmmsg: return ReceiveCalls.Messages(task, a, b, c, d, e);
            case LinuxCall.shutdown: return SocketCalls.ShutDown(task, a, b);
            case LinuxCall.setsockopt: return SocketCalls.SetOption(task, a, b, c, d, e);
            case LinuxCall.getsockopt: return SocketCalls.GetOption(task, a, b, c, d, e);
            default: return SystemVEntry.Call(task, frame, number);
        }
    }
}
