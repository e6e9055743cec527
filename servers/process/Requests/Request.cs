using Libsys.Abi;
using Libsys.Hosting;
using Servers.Processes.Tree;

namespace Servers.Processes.Requests;

/// <summary>Serves a request. The result for the first word of the reply, or null if the request was answered, kept or dropped.</summary>
internal delegate long? RequestHandler(ref Request request);

/// <summary>
/// A call of a program while it is served. Who calls is the kernel's word, everything else the program's claim. It is answered once, by one of the methods here
/// or by the result of its handler.
/// </summary>
internal ref struct Request
{
    private readonly ref readonly Message message;
    private readonly ReplyHandle reply;
    private readonly bool mayWait;

    /// <summary>A call that nobody has answered.</summary>
    public Request(Process caller, ProgramSpace space, ref readonly Message message, bool mayWait)
    {
        this.mayWait = mayWait;
        Caller = caller;
        Space = space;
        this.message = ref message;
        reply = new ReplyHandle(message.ReplyHandle);
    }

    /// <summary>The process whose thread calls.</summary>
    public Process Caller { get; }

    /// <summary>The space that the thread runs in: the caller's, or the one of a program that is being loaded for it.</summary>
    public ProgramSpace Space { get; }

    /// <summary>Word 0 is the operation, words 1–7 are its arguments.</summary>
    public readonly ref readonly MessageWords Words => ref message.Words;

    /// <summary>Handles that came along, at most four; they are closed when the handler has returned.</summary>
    public readonly int HandleCount => (int)Math.Min(message.HandleCount, 4);

    /// <summary>Slot of the calling thread in its space.</summary>
    public readonly uint Slot => message.Slot;

    /// <summary>A handle that came along.</summary>
    public readonly KernelHandle Handle(int index) => new(message.Handles[index]);

    /// <summary>Answers with several words. PeerGone: the caller no longer waits.</summary>
    public readonly KernelStatus Answer(ref Message answer) => reply.Reply(ref answer);

    /// <summary>Answers with words alone.</summary>
    public readonly KernelStatus Answer(long result, ulong word1 = 0) => reply.Reply(result, word1);

    /// <summary>Ends without an answer: the caller is gone with what it asked for.</summary>
    public readonly void Drop() => reply.Close();

    /// <summary>The right to answer, for later.</summary>
    /// <exception cref="InvalidOperationException">A mistake of the handler: its operation is not declared to wait.</exception>
    public readonly ReplyHandle Keep() =>
        mayWait ? reply : throw new InvalidOperationException($"operation {message.Words[0]} waits and is not declared to");
}
