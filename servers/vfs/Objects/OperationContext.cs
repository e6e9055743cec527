using Servers.Vfs.Waiting;

namespace Servers.Vfs.Objects;

/// <summary>
/// Who asks for an operation, and how it waits. Any operation of an inode, an open file or a file system may answer <c>context.WaitOn(queue)</c> before its
/// first visible effect; the whole request is then tried again from its start when the queue is woken.
/// </summary>
public abstract class OperationContext
{
    /// <summary>Who asks.</summary>
    public Subject Subject { get; protected set; } = null!;

    /// <summary>What permissions are checked with: the subject's own, but for access(2).</summary>
    public Credentials Credentials => ActingAs ?? Subject.Credentials;

    /// <summary>Something that an operation keeps between two tries of a request; told when the request ends (<see cref="IRequestState"/>).</summary>
    public object? State { get; set; }

    /// <summary>Number of this try: no other try of any request has it. Caches keep what a try has met until the try ends.</summary>
    public long Try { get; protected set; }

    /// <summary>Number of the request that this is at present; 0 once it has ended. Requests are recycled, their numbers are not.</summary>
    public long Serial { get; protected set; }

    /// <summary>How often this request has been tried, from 1 on.</summary>
    public int Tries { get; protected set; } = 1;

    /// <summary>Credentials in place of the subject's own, or null.</summary>
    protected Credentials? ActingAs { get; set; }

    /// <summary>Joins a queue. The answer goes up at once, and nothing visible may happen any more.</summary>
    /// <returns><see cref="WaitErrno"/>'s Wait, or EAGAIN if nobody here can wait.</returns>
    public abstract Errno WaitOn(WaitQueue queue);
}

/// <summary>A <see cref="OperationContext.State"/> that others wait for: it is told when the request ends, whether answered, cancelled or dropped.</summary>
public interface IRequestState
{
    /// <summary>The request ends.</summary>
    void Abandon(OperationContext request);
}
