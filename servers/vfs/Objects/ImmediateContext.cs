using Servers.Vfs.Waiting;

namespace Servers.Vfs.Objects;

/// <summary>
/// Operations that nobody can wait for: the server's own at start, and those of the control protocol, which is answered at once. What would have to wait fails
/// with EAGAIN and has done nothing.
/// </summary>
public sealed class ImmediateContext : OperationContext
{
    /// <summary>On behalf of somebody.</summary>
    public ImmediateContext(Subject subject) => Subject = subject;

    /// <summary>On behalf of the server itself: the file systems that it fills at start ask for nothing but credentials.</summary>
    public ImmediateContext() => ActingAs = Objects.Credentials.Root;

    /// <inheritdoc/>
    public override Errno WaitOn(WaitQueue queue) => Errno.EAGAIN;
}
