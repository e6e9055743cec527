using Libsys.Messages;
using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Sockets;

// Options and time-outs, socket(7).
public abstract partial class SocketFile
{
    // Linux' net.core.wmem_default and wmem_max.
    private const int DefaultBuffer = 212992;

    private IAlarm? alarm;
    private Errno error;

    /// <summary>SO_ERROR, an error that nobody has been told of yet.</summary>
    public Errno Error
    {
        get => error;
        private protected set
        {
            error = value;
            ErrorChanged();
        }
    }

    /// <summary>SO_PASSCRED.</summary>
    public bool WantsIdentity
    {
        get;
        set
        {
            field = value;
            IdentityWished();
        }
    }

    /// <summary>SO_SNDBUF, as getsockopt(2) shows it.</summary>
    public int SendBuffer
    {
        get;
        set
        {
            field = value;
            SendBufferChanged();
        }
    }
    = DefaultBuffer;

    /// <summary>Bytes that fit a message; Linux keeps a little of SO_SNDBUF.</summary>
    public int LongestMessage => SendBuffer - (int)MessageLayout.Reserved;

    /// <summary>SO_RCVBUF, as getsockopt(2) shows it.</summary>
    public int ReceiveBuffer { get; set; } = DefaultBuffer;

    /// <summary>SO_SNDTIMEO, nanoseconds; 0: none.</summary>
    public long SendTimeout
    {
        get;
        set
        {
            field = value;
            TimeoutsChanged();
        }
    }

    /// <summary>SO_RCVTIMEO, nanoseconds; 0: none.</summary>
    public long ReceiveTimeout
    {
        get;
        set
        {
            field = value;
            TimeoutsChanged();
        }
    }

    /// <summary>Options that are kept and mean nothing for AF_UNIX (SO_REUSEADDR and its like), by their numbers.</summary>
    public Dictionary<uint, int>? Kept { get; set; }

    /// <summary>The error that nobody has been told of; it has been told then.</summary>
    public Errno TakeError()
    {
        Errno taken = error;
        if (taken != Errno.None)
            Error = Errno.None;
        return taken;
    }

    /// <summary>
    /// A try could do nothing: waits for a change, here and in <paramref name="also"/>, or answers −EAGAIN: at once if it must not wait, later when the
    /// time-out is over.
    /// </summary>
    public long Wait(FileRequest request, bool isDontWait, bool isHeld, long timeout, WaitQueue? also = null)
    {
        if ((isDontWait || IsNonBlocking) && !isHeld)
            return Outcome.Of(Errno.EAGAIN);
        if (timeout > 0)
        {
            long now = System.Clock.Monotonic;
            var state = (SocketWait)(request.State ??= new SocketWait(System.InFlight));
            if (state.Deadline == 0)
                state.Deadline = now + timeout;
            if (now >= state.Deadline)
                return Outcome.Of(Errno.EAGAIN);
            alarm ??= System.MakeAlarm(() => Changes.Wake());
            alarm.Set(state.Deadline);
        }

        request.WaitIn(Changes);
        if (also is not null)
            request.WaitIn(also);
        return Outcome.Waiting;
    }

    /// <summary>There is an error to be told, or none any more.</summary>
    private protected virtual void ErrorChanged() => Changes.Wake();

    /// <summary>SO_PASSCRED has changed.</summary>
    private protected virtual void IdentityWished()
    {
    }

    /// <summary>SO_SNDBUF has changed.</summary>
    private protected virtual void SendBufferChanged()
    {
    }

    /// <summary>A time-out has changed.</summary>
    private protected virtual void TimeoutsChanged()
    {
    }
}
