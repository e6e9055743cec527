using Libsys.Linux;

namespace Libsys.Hosting.Programs;

/// <summary>
/// An open file description at a server of programs, which several handles and processes may share. Results are those of the Linux call: a number, or a
/// negative errno; null means that the request waits, and is made again after <see cref="ProgramRegistry.Retry"/>.
/// </summary>
public abstract class ProgramFile
{

    /// <summary>Access mode and status flags, as they are now: vfs has them, fcntl(2) changes them there.</summary>
    public uint Flags => Registry?.Grants?.FlagsOf(Number) ?? 0;

    /// <summary>It was opened for reading.</summary>
    public bool CanRead => OpenFlags.Reads(Flags);

    /// <summary>It was opened for writing.</summary>
    public bool CanWrite => OpenFlags.Writes(Flags);

    /// <summary>O_NONBLOCK: what would wait is −EAGAIN, without the server's doing.</summary>
    public bool IsNonBlocking => (Flags & OpenFlags.NonBlock) != 0;

    /// <summary>Number that vfs gave it.</summary>
    internal ulong Number { get; set; }

    internal ProgramRegistry? Registry { get; set; }

    /// <summary>Requests that wait for it: they keep it, as on Linux, when its last handle is closed.</summary>
    internal int Pending { get; set; }

    /// <summary>No handle refers to it any more.</summary>
    internal bool HasEnded { get; set; }

    /// <summary>read(2). The program can write the buffer too, at any time.</summary>
    protected internal virtual long? Read(Span<byte> buffer) => -Errno.EINVAL;

    /// <summary>write(2). The program can change the data at any time: what must not change is copied first.</summary>
    protected internal virtual long? Write(ReadOnlySpan<byte> data) => -Errno.EINVAL;

    /// <summary>ioctl(2); <paramref name="structure"/> is what the number says that the argument points to, if it says so.</summary>
    protected internal virtual long? Control(uint number, ulong argument, Span<byte> structure) => -Errno.ENOTTY;

    /// <summary>Bits of poll(2) that hold now.</summary>
    protected internal virtual ushort Poll() => PollEvents.AlwaysReady;

    /// <summary>The last handle is closed and nothing waits any more. Called once.</summary>
    protected internal virtual void Closed()
    {
    }

}
