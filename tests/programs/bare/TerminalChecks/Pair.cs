using System;
using Bare;

namespace TerminalChecks;

/// <summary>A pseudo-terminal, both ends open.</summary>
internal struct Pair
{
    public const uint Tcgets = 0x5401, Tcsets = 0x5402, Tcsetsw = 0x5403, Tcsetsf = 0x5404, Tcsbrk = 0x5409, Tcxonc = 0x540A, Tcflsh = 0x540B,
        Tiocexcl = 0x540C,
        Tiocnxcl = 0x540D, Tiocsctty = 0x540E, Tiocgpgrp = 0x540F, Tiocspgrp = 0x5410, Tiocoutq = 0x5411, Tiocsti = 0x5412, Tiocgwinsz = 0x5413,
            Tiocswinsz = 0x5414,
        Tiocmget = 0x5415, Fionread = 0x541B, Tiocpkt = 0x5420, Tiocnotty = 0x5422, Tiocsetd = 0x5423, Tiocgetd = 0x5424, Tiocgsid = 0x5429,
            Tiocgptpeer = 0x5441,
        Tiocgptn = 0x80045430, Tiocsptlck = 0x40045431, Tcgets2 = 0x802C542A;

    public int Master, Slave, Number;

    public static Pair Open()
    {
        Pair pair = default;
        pair.Master = Sys.Open("/dev/ptmx\0"u8, Sys.ReadWrite | Sys.NoControlling);
        pair.Number = Sys.GetInt(pair.Master, Tiocgptn);
        Sys.ControlInt(pair.Master, Tiocsptlck, 0);
        pair.Slave = pair.OpenSlave(Sys.NoControlling);
        return pair;
    }

    public readonly int OpenSlave(int flags)
    {
        Span<byte> path = stackalloc byte[16];
        "/dev/pts/"u8.CopyTo(path);
        int at = 9;
        if (Number >= 10)
            path[at++] = (byte)('0' + Number / 10);
        path[at++] = (byte)('0' + Number % 10);
        path[at] = 0;
        return Sys.Open(path, Sys.ReadWrite | flags);
    }

    public readonly void Close()
    {
        Sys.Close(Slave);
        Sys.Close(Master);
    }

    /// <summary>Types something, and shows the echo.</summary>
    public readonly void Type(ReadOnlySpan<byte> name, ReadOnlySpan<byte> keys)
    {
        Sys.Write(Master, keys);
        Sys.Sleep(30);
        Show(name);
    }

    /// <summary>
    /// Shows what the master can read. Linux passes echo on from a work queue when it likes; what the slave writes pushes it out and shows where it ends.
    /// </summary>
    /// <param name="name">Before it.</param>
    /// <param name="isPacket">
    /// The master is in packet mode and the slave has only written: each read begins with a byte that says so, ioctl_tty(2), and how many reads it takes is
    /// up to the work queue. That byte is shown once.
    /// </param>
    public readonly void Show(ReadOnlySpan<byte> name, bool isPacket = false)
    {
        const byte mark = 0x1D;
        Span<byte> buffer = stackalloc byte[256];
        buffer[0] = mark;
        Sys.Write(Slave, buffer[..1]);
        int length = 0;
        bool isMarked = false;
        while (!isMarked || (Sys.Poll(Master, 30) & 1) != 0)
        {
            int more = Sys.Read(Master, buffer[length..]);
            if (more <= 0)
                break;
            int kept = length;
            bool isRepeated = isPacket && length > 0 && buffer[length] == 0;
            for (int index = isRepeated ? length + 1 : length; index < length + more; index++)
            {
                isMarked |= buffer[index] == mark;
                if (buffer[index] != mark)
                    buffer[kept++] = buffer[index];
            }

            length = kept;
        }

        Report.Bytes(name, buffer, length);
    }

    /// <summary>Shows what a read of the slave gives.</summary>
    public readonly void Read(ReadOnlySpan<byte> name, int most = 100)
    {
        Span<byte> buffer = stackalloc byte[256];
        Report.Bytes(name, buffer, Sys.Read(Slave, buffer[..most]));
    }

    /// <summary>Changes flags of the slave: clears some, sets some; and VMIN, VTIME unless negative.</summary>
    public readonly int Change(int word, int clear, int set, int minimum = -1, int time = -1)
    {
        Span<byte> termios = stackalloc byte[36];
        Sys.Control(Slave, Tcgets, termios);
        Integers.Put(termios[(4 * word)..], Integers.Get(termios[(4 * word)..]) & ~clear | set);
        if (minimum >= 0)
            termios[17 + 6] = (byte)minimum;
        if (time >= 0)
            termios[17 + 5] = (byte)time;
        return Sys.Control(Slave, Tcsets, termios);
    }
}
