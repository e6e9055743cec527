using Servers.Vfs.Waiting;

namespace Servers.Vfs.Objects;

/// <summary>
/// A request as an open file sees it that serves it itself (<see cref="OpenFile.TryStart"/>, <see cref="OpenFile.Control"/>): the client's buffer, how far it
/// has come, and how it waits for events.
/// </summary>
public abstract class FileRequest : OperationContext, IWaiter
{
    /// <summary>The client's buffer. Its bounds were checked when the request arrived; its content may change under our eyes.</summary>
    public abstract Span<byte> Payload { get; }

    /// <summary>The client's own word about the request, <see cref="Libsys.Messages.TerminalSignals"/>.</summary>
    public abstract ushort Flags { get; }

    /// <summary>Bytes moved so far.</summary>
    public long Progress { get; set; }

    /// <summary>Description that a waiting request holds a reference to, so that a close in between does not pull it away.</summary>
    public OpenFile? File { get; protected set; }

    /// <summary>True for a read(2) that waits in a queue, has got nothing and still wants something: <see cref="Deliver"/> may give it that.</summary>
    public abstract bool IsOpenForDelivery { get; }

    /// <summary>Notes how many bytes were put into <see cref="Payload"/>; the next try answers with them.</summary>
    public abstract void Deliver(int length);

    /// <summary>Keeps the description alive while the request waits.</summary>
    public void Hold(OpenFile file)
    {
        if (File != null)
            return;
        file.AddReference();
        File = file;
    }

    /// <inheritdoc/>
    public abstract bool IsReady { get; }

    /// <inheritdoc/>
    public abstract void MakeReady();

    /// <summary>Waits in a queue; a request may wait in many.</summary>
    public abstract void WaitIn(WaitQueue queue);

    /// <summary>
    /// Waits for the file to change, or gives up at once with O_NONBLOCK or without anything to wait for. The file is what the request's handle stands for.
    /// </summary>
    public long WaitOr(OpenFile file, long otherwise)
    {
        if ((file.IsNonBlocking && !file.IsHeld) || file.Waiters is not { } waiters)
            return otherwise;
        WaitIn(waiters);
        return Outcome.Waiting;
    }
}
