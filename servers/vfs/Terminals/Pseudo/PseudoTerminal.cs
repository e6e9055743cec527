using Servers.Vfs.Waiting;

namespace Servers.Vfs.Terminals.Pseudo;

/// <summary>A pseudo-terminal, pty(7): the slave is a terminal like any other, and this is its line, with the master at the other end.</summary>
public sealed class PseudoTerminal : ITerminalLine
{
    /// <summary>Packet mode reports, TIOCPKT in tty_ioctl(4).</summary>
    public const byte PacketFlushRead = 1, PacketFlushWrite = 2, PacketStop = 4, PacketStart = 8, PacketNoStop = 0x10, PacketDoStop = 0x20;

    // What Linux' buffers hold: 8 KiB on the way in each direction, and what the master's side has got already, which a flush leaves alone.
    private const int BufferLength = 8192, KeptByFlush = 4095;

    private readonly ByteQueue toMaster = new(BufferLength + KeptByFlush);
    private readonly ByteQueue toSlave = new(BufferLength);
    private readonly PtsFileSystem fileSystem;
    private int visible;

    // Where echo of what is being taken in starts: a key that drops output drops it too, since it is not on its way yet.
    private int echoStart = KeptByFlush;
    private bool isStopped;

    /// <summary>A pair; the slave is locked.</summary>
    public PseudoTerminal(PtsFileSystem fileSystem, uint number, TerminalSurroundings surroundings)
    {
        this.fileSystem = fileSystem;
        Number = number;
        Slave = new Terminal(PtsFileSystem.DeviceOf(number), Termios.PseudoHardware, surroundings, _ => this);
    }

    /// <summary>N of /dev/pts/N.</summary>
    public uint Number { get; }

    /// <summary>The terminal.</summary>
    public Terminal Slave { get; }

    /// <summary>TIOCSPTLCK: the slave cannot be opened yet.</summary>
    public bool IsLocked { get; set; } = true;

    /// <summary>The master is open.</summary>
    public bool IsMasterOpen { get; private set; } = true;

    /// <summary>The slave was open, and nobody has it open now.</summary>
    public bool IsSlaveClosed { get; private set; }

    /// <summary>TIOCPKT.</summary>
    public bool IsPacketMode { get; set; }

    /// <summary>What packet mode has to report.</summary>
    public byte PacketStatus { get; set; }

    /// <summary>Requests on the master that wait for a change.</summary>
    public WaitQueue MasterWaiters { get; } = new();

    /// <summary>Bytes that the master can read.</summary>
    public int Readable => isStopped ? visible : toMaster.Count;

    /// <summary>Bytes that the master can write.</summary>
    public int Writable => toSlave.Room;

    /// <inheritdoc/>
    public bool IsPresent => IsMasterOpen;

    /// <inheritdoc/>
    public bool HasModemLines => false;

    /// <inheritdoc/>
    public int Room => isStopped ? 0 : toMaster.Room;

    /// <inheritdoc/>
    public int Queued => 0;

    /// <inheritdoc/>
    public ulong Mark => 0;

    /// <summary>The master reads.</summary>
    public int Read(Span<byte> buffer)
    {
        int length = toMaster.CopyTo(0, buffer[..Math.Min(buffer.Length, Readable)]);
        toMaster.Skip(length);
        visible -= Math.Min(visible, length);
        Slave.OutputMoved();
        return length;
    }

    /// <summary>The master writes: as many bytes as fit.</summary>
    public int Write(ReadOnlySpan<byte> data)
    {
        int done = 0;
        while (done < data.Length && toSlave.Add(data[done..]) is var added and > 0)
        {
            done += added;
            InputWanted();
        }

        return done;
    }

    /// <summary>The master is closed: the slave is hung up and loses its name.</summary>
    public void CloseMaster()
    {
        IsMasterOpen = false;
        toSlave.Truncate(0);
        Slave.HangUp();
        fileSystem.MasterClosed(this);
    }

    /// <summary>TCFLSH on the master: what it could read, or what it has written.</summary>
    public void FlushMaster(bool input, bool output)
    {
        if (input)
        {
            toMaster.Truncate(0);
            visible = 0;
            Slave.OutputMoved();
        }

        if (output)
            toSlave.Truncate(0);
    }

    /// <summary>The slave was opened.</summary>
    public void SlaveOpened()
    {
        IsSlaveClosed = false;
        MasterWaiters.Wake();
    }

    /// <inheritdoc/>
    public int Add(ReadOnlySpan<byte> data)
    {
        int length = toMaster.Add(data);
        MasterWaiters.Wake();
        return length;
    }

    /// <inheritdoc/>
    public void FlushOutput()
    {
        int kept = Math.Min(KeptByFlush, echoStart);
        toMaster.Truncate(kept);
        visible = Math.Min(visible, kept);
        Report(PacketFlushWrite, 0);
    }

    /// <inheritdoc/>
    public void FlushInput()
    {
        toSlave.Truncate(0);
        Report(PacketFlushRead, 0);
    }

    /// <inheritdoc/>
    public void SetStopped(bool stop)
    {
        visible = toMaster.Count;
        isStopped = stop;
        Report(stop ? PacketStop : PacketStart, stop ? PacketStart : PacketStop);
    }

    /// <inheritdoc/>
    public bool HasLeft(ulong mark) => true;

    /// <inheritdoc/>
    public void InputWanted()
    {
        bool moved = false;
        echoStart = toMaster.Count;
        while (toSlave.Count > 0)
        {
            int taken = Slave.Receive(toSlave.Peek());
            toSlave.Skip(taken);
            if (taken == 0)
                break;
            moved = true;
        }

        echoStart = KeptByFlush;
        if (moved)
            MasterWaiters.Wake();
    }

    /// <inheritdoc/>
    public void SettingsChanged(bool flowControl)
    {
        if (flowControl)
            Report(Slave.HasFlowControl ? PacketDoStop : PacketNoStop, Slave.HasFlowControl ? PacketNoStop : PacketDoStop);
    }

    /// <inheritdoc/>
    public void LastClosed()
    {
        IsSlaveClosed = true;
        MasterWaiters.Wake();
        fileSystem.FreeIfUnused(this);
    }

    private void Report(byte set, byte clear)
    {
        if (!IsPacketMode)
            return;
        PacketStatus = (byte)(PacketStatus & ~clear | set);
        MasterWaiters.Wake();
    }
}
