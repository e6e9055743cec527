using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Processes.Tree;

namespace Servers.Processes.Spaces;

/// <summary>
/// Calls to a server of programs beside vfs (see <see cref="ServerControlOperation"/>): by a thread of its own, in order, so that this server's loop never
/// waits
/// for it.
/// </summary>
/// <param name="number">From 1 on.</param>
/// <param name="endpoint">Its endpoint.</param>
/// <param name="loop">Where answers are taken.</param>
internal sealed class ProgramServer(uint number, EndpointHandle endpoint, EventLoop loop)
{
    // One that hangs is replaced by the supervisor in a few seconds, and its successor answers; who opens something of it waits as long.
    private const ulong Patience = 10_000_000_000;

    private readonly EndpointCaller caller = new(loop);

    /// <summary>Its number.</summary>
    public uint Number => number;

    /// <summary>It has ended and is not started again.</summary>
    public bool HasFailed { get; set; }

    /// <summary>Attaches a space. <paramref name="done"/>: 0 and the doorbell, which belongs to the callee, or −errno.</summary>
    public void Attach(ProgramSpace space, MemoryObjectHandle rings, Action<long, NotificationHandle> done)
    {
        // A handle of the message's own: the space may end, and its handles be others, before it is sent.
        if (space.Completions.Handle.TryDuplicate(Rights.Signal | Rights.Duplicate, out KernelHandle completions) != KernelStatus.Ok)
        {
            done(-Errno.ENOMEM, default);
            return;
        }

        Message message = default;
        message.Words[0] = (ulong)ServerControlOperation.Attach;
        message.Words[1] = space.Number;
        message.Words[2] = VfsLimits.Shape.Length;
        message.HandleCount = 2;
        message.Handles[0] = rings.Index;
        message.Rights[0] = (uint)(Rights.Read | Rights.Write);
        message.Handles[1] = completions.Index;
        message.Rights[1] = (uint)Rights.Signal;
        caller.Call(endpoint, message, SystemClock.Now + Patience, (status, answer) =>
        {
            completions.Close();
            NotificationHandle doorbell = answer.HandleCount > 0 ? new NotificationHandle(answer.Handles[0]) : default;
            long result = status != KernelStatus.Ok ? -Errno.EIO : (long)answer.Words[0];
            done(result == 0 && !doorbell.Handle.IsValid ? -Errno.EIO : result, doorbell);
        });
    }

    /// <summary>The space is gone, or was never told that it is attached.</summary>
    public void Detach(ulong space)
    {
        Message message = default;
        message.Words[0] = (ulong)ServerControlOperation.Detach;
        message.Words[1] = space;
        caller.Call(endpoint, message, SystemClock.Now + Patience, (_, _) => { });
    }
}
