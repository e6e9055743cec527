using System;
using Bare;

namespace TerminalChecks;

/// <summary>Canonical and raw mode, echo, flow control, queues.</summary>
internal static class DisciplineChecks
{
    private const int Input = 0, Output = 1, Local = 3;
    private const int Isig = 1, Icanon = 2, Echo = 8, EchoErase = 0x10, EchoKill = 0x20, EchoNewline = 0x40, NoFlush = 0x80, EchoControl = 0x200,
        EchoKillErase = 0x800;
    private const int Ixon = 0x400, Ixany = 0x800, Imaxbel = 0x2000, Istrip = 0x20, Parmrk = 8, Inlcr = 0x40, Igncr = 0x80, Icrnl = 0x100;

    public static void Run()
    {
        Settings();
        Editing();
        Flags();
        Raw();
        Queues();
        Flow();
        Packets();
    }

    private static void Settings()
    {
        Pair pair = Pair.Open();
        Span<byte> buffer = stackalloc byte[64];
        buffer.Clear();
        Report.Number("tcgets"u8, Sys.Control(pair.Slave, Pair.Tcgets, buffer));
        Report.Bytes("termios"u8, buffer, 36);
        Report.Number("tcgets of the master"u8, Sys.Control(pair.Master, Pair.Tcgets, buffer));
        Report.Bytes("termios"u8, buffer, 36);
        Report.Number("tcgets2"u8, Sys.Control(pair.Slave, Pair.Tcgets2, buffer));
        Report.Bytes("termios2"u8, buffer, 44);
        Report.Number("tcsetsw"u8, Sys.Control(pair.Slave, Pair.Tcsetsw, buffer));
        Report.Number("tiocgetd"u8, Sys.GetInt(pair.Slave, Pair.Tiocgetd));
        Report.Number("tiocsetd"u8, Sys.ControlInt(pair.Slave, Pair.Tiocsetd, 0));
        Report.Number("tiocmget"u8, Sys.GetInt(pair.Slave, Pair.Tiocmget));
        Report.Number("unknown"u8, Sys.Control(pair.Slave, 0x54FF));
        Report.Number("tcsbrk"u8, Sys.Control(pair.Slave, Pair.Tcsbrk, 1));
        Report.Number("tcflsh 3"u8, Sys.Control(pair.Slave, Pair.Tcflsh, 3));
        Report.Number("tcxonc 4"u8, Sys.Control(pair.Slave, Pair.Tcxonc, 4));
        Report.Number("tiocgptn of the slave"u8, Sys.GetInt(pair.Slave, Pair.Tiocgptn));
        Report.Number("seek"u8, Bare.Linux.Call(8, pair.Slave, 0, 0));
        Sys.Control(pair.Slave, Pair.Tiocgwinsz, buffer);
        Report.Bytes("window size"u8, buffer, 8);
        Integers.Put(buffer, 40 | 100 << 16);
        Report.Number("tiocswinsz"u8, Sys.Control(pair.Master, Pair.Tiocswinsz, buffer));
        buffer.Clear();
        Sys.Control(pair.Slave, Pair.Tiocgwinsz, buffer);
        Report.Bytes("window size"u8, buffer, 8);
        pair.Close();
    }

    private static void Editing()
    {
        Pair pair = Pair.Open();
        pair.Type("line"u8, "hello\r"u8);
        pair.Read("read"u8);
        pair.Type("erase"u8, "ab\x7f\x7f\x7f"u8);
        pair.Type("word erase"u8, "one two-three  \x17\x17"u8);
        pair.Type("kill"u8, "\x01x\x15"u8);
        pair.Type("tabs"u8, "a\tb\t\x7f\x7f\x7f"u8);
        pair.Type("literal"u8, "\x16\x03\x16\x7f\n"u8);
        pair.Read("read"u8);
        pair.Type("reprint"u8, "abc\x12"u8);
        pair.Type("end of file behind text"u8, "\x04"u8);
        pair.Read("read"u8);
        pair.Type("end of file"u8, "\x04"u8);
        pair.Read("read"u8);
        pair.Type("two lines"u8, "first\nsecond\n"u8);
        pair.Read("short read"u8, 3);
        pair.Read("rest"u8);
        Report.Number("fionread"u8, Sys.GetInt(pair.Slave, Pair.Fionread));
        pair.Read("read"u8);
        pair.Type("exactly a line and end of file"u8, "abc\x04"u8);
        pair.Read("read"u8, 3);
        pair.Type("utf-8 without iutf8"u8, "\u00e4\x7f\n"u8);
        pair.Read("read"u8);
        pair.Change(Input, 0, 0x4000);
        pair.Type("utf-8"u8, "\u00e4\x7f\n"u8);
        pair.Read("read"u8);
        Sys.Write(pair.Slave, "tab\there\ncr\rdone"u8);
        pair.Show("output"u8);
        pair.Change(Output, 0, 0x1800);
        Sys.Write(pair.Slave, "\n1\t2\t\b\t3"u8);
        pair.Show("tabs expanded"u8);
        pair.Change(Output, 5, 1 | 8 | 0x10 | 0x20);
        Sys.Write(pair.Slave, "\na\r\r\nb\n"u8);
        pair.Show("ocrnl onocr onlret"u8);
        pair.Close();
    }

    private static void Flags()
    {
        Pair pair = Pair.Open();
        pair.Change(Local, EchoErase, 0);
        pair.Type("without echoe"u8, "ab\x7f\x15"u8);
        pair.Change(Local, EchoKillErase, EchoErase);
        pair.Type("without echoke"u8, "ab\x15"u8);
        pair.Change(Local, EchoKill, 0);
        pair.Type("without echok"u8, "ab\x15"u8);
        pair.Change(Local, EchoControl, 0);
        pair.Type("without echoctl"u8, "\x01\x7f"u8);
        pair.Change(Local, Echo, EchoNewline);
        pair.Type("echonl"u8, "ab\n"u8);
        pair.Read("read"u8);
        pair.Change(Local, EchoNewline | Isig, Echo);
        pair.Type("without isig"u8, "\x03\x1a\n"u8);
        pair.Read("read"u8);
        pair.Change(Input, Icrnl, Inlcr);
        pair.Type("inlcr"u8, "a\nb\r\x04"u8);
        pair.Read("read"u8);
        pair.Change(Input, Inlcr, Igncr | Istrip);
        pair.Type("igncr istrip"u8, "a\rb\u00e4\n"u8);
        pair.Read("read"u8);
        pair.Change(Input, Istrip | Igncr, Parmrk | Icrnl);
        Span<byte> marked = stackalloc byte[2];
        marked[0] = 0xFF;
        marked[1] = (byte)'\n';
        pair.Type("parmrk"u8, marked);
        pair.Read("read"u8);
        pair.Change(Local, 0, Isig | EchoControl);
        Sys.Write(pair.Master, "lost\x03kept\n"u8);
        pair.Read("read"u8);
        pair.Show("signal"u8);
        pair.Change(Local, 0, NoFlush);
        Sys.Write(pair.Master, "not lost\x03 kept\n"u8);
        pair.Read("read"u8);
        pair.Show("noflsh"u8);
        pair.Close();
    }

    private static void Raw()
    {
        Pair pair = Pair.Open();
        pair.Type("typed before"u8, "abc"u8);
        pair.Change(Local, Icanon | Echo | Isig, 0, minimum: 1, time: 0);
        pair.Read("raw read"u8);
        Sys.Write(pair.Master, "\x03\x04\r\x7f"u8);
        pair.Read("bytes as they are"u8);
        pair.Change(Local, 0, 0, minimum: 0, time: 0);
        pair.Read("min 0 time 0"u8);
        pair.Change(Local, 0, 0, minimum: 0, time: 1);
        pair.Read("min 0 time 1"u8);
        Sys.Write(pair.Master, "x"u8);
        pair.Read("min 0 time 1 with a byte"u8);
        pair.Change(Local, 0, 0, minimum: 5, time: 1);
        Sys.Write(pair.Master, "xy"u8);
        pair.Read("min 5 time 1"u8);
        Sys.Write(pair.Master, "12345678"u8);
        pair.Read("min 5 time 1, more"u8);
        pair.Change(Local, 0, 0, minimum: 3, time: 0);
        Sys.Write(pair.Master, "ab"u8);
        Report.Number("poll below min"u8, Sys.Poll(pair.Slave, 20));
        int child = Sys.Fork();
        if (child == 0)
        {
            Sys.Sleep(100);
            Sys.Write(pair.Master, "c"u8);
            Bare.Linux.Exit(0);
        }

        pair.Read("min 3"u8);
        Sys.Wait(child);
        Report.Number("poll"u8, Sys.Poll(pair.Slave, 20));
        int nonBlocking = pair.OpenSlave(Sys.NonBlocking | Sys.NoControlling);
        Span<byte> buffer = stackalloc byte[16];
        Report.Number("non-blocking"u8, Sys.Read(nonBlocking, buffer));
        Sys.Write(pair.Master, "z"u8);
        Sys.Sleep(20);
        Report.Number("non-blocking below min"u8, Sys.Read(nonBlocking, buffer));
        pair.Change(Local, 0, 0, minimum: 0, time: 0);
        Report.Number("non-blocking min 0"u8, Sys.Read(nonBlocking, buffer));
        Report.Number("buffer of 2"u8, Sys.Write(pair.Master, "1234"u8));
        pair.Change(Local, 0, 0, minimum: 4, time: 0);
        pair.Read("read of 2"u8, 2);
        pair.Change(Local, 0, Icanon);
        Report.Number("canonical, non-blocking"u8, Sys.Read(nonBlocking, buffer));
        pair.Type("a line"u8, "!\n"u8);
        pair.Read("read"u8);
        Sys.Close(nonBlocking);
        pair.Close();
    }

    private static void Queues()
    {
        Pair pair = Pair.Open();
        pair.Change(Local, Echo, 0);
        Span<byte> much = stackalloc byte[5000];
        much.Fill((byte)'x');
        much[4999] = (byte)'\n';
        Report.Number("a line of 5000"u8, Sys.Write(pair.Master, much));
        Sys.Sleep(50);
        Report.Number("fionread"u8, Sys.GetInt(pair.Slave, Pair.Fionread));
        Report.Number("read"u8, Sys.Read(pair.Slave, much));
        Sys.Write(pair.Master, "typed\nahead"u8);
        Sys.Sleep(20);
        Report.Number("tciflush"u8, Sys.Control(pair.Slave, Pair.Tcflsh));
        Report.Number("fionread"u8, Sys.GetInt(pair.Slave, Pair.Fionread));
        Span<byte> key = stackalloc byte[1];
        key[0] = (byte)'q';
        Report.Number("tiocsti"u8, Sys.Control(pair.Slave, Pair.Tiocsti, key));
        Sys.Write(pair.Master, "\n"u8);
        pair.Read("read"u8);
        Report.Number("tiocoutq"u8, Sys.GetInt(pair.Slave, Pair.Tiocoutq));
        pair.Close();
    }

    private static void Flow()
    {
        Pair pair = Pair.Open();
        pair.Change(Local, Echo, 0);
        Sys.Write(pair.Master, "\x13"u8);
        Sys.Sleep(20);
        int nonBlocking = pair.OpenSlave(Sys.NonBlocking | Sys.NoControlling);
        Report.Number("write while stopped"u8, Sys.Write(nonBlocking, "abc"u8));
        Report.Number("poll while stopped"u8, Sys.Poll(pair.Slave, 20));
        Sys.Write(pair.Master, "a"u8);
        Sys.Sleep(20);
        Report.Number("still"u8, Sys.Write(nonBlocking, "abc"u8));
        Sys.Write(pair.Master, "\x11"u8);
        Sys.Sleep(20);
        Report.Number("started"u8, Sys.Write(nonBlocking, "abc"u8));
        pair.Show("output"u8);
        pair.Change(Input, 0, Ixany);
        Sys.Write(pair.Master, "\x13"u8);
        Sys.Sleep(20);
        Report.Number("stopped"u8, Sys.Write(nonBlocking, "abc"u8));
        Sys.Write(pair.Master, "a"u8);
        Sys.Sleep(20);
        Report.Number("any character starts"u8, Sys.Write(nonBlocking, "abc"u8));
        Report.Number("tcooff"u8, Sys.Control(pair.Slave, Pair.Tcxonc));
        Report.Number("stopped"u8, Sys.Write(nonBlocking, "abc"u8));
        Sys.Write(pair.Master, "\x11"u8);
        Sys.Sleep(20);
        Report.Number("^Q does not undo it"u8, Sys.Write(nonBlocking, "abc"u8));
        Report.Number("tcoon"u8, Sys.Control(pair.Slave, Pair.Tcxonc, 1));
        Report.Number("started"u8, Sys.Write(nonBlocking, "abc"u8));
        Report.Number("tcioff"u8, Sys.Control(pair.Slave, Pair.Tcxonc, 2));
        Report.Number("tcion"u8, Sys.Control(pair.Slave, Pair.Tcxonc, 3));
        pair.Show("output"u8);
        Sys.Close(nonBlocking);
        pair.Close();
    }

    private static void Packets()
    {
        Pair pair = Pair.Open();
        pair.Change(Local, Echo, 0);
        Report.Number("tiocpkt"u8, Sys.ControlInt(pair.Master, Pair.Tiocpkt, 1));
        Sys.Write(pair.Slave, "data"u8);
        pair.Show("packet"u8, isPacket: true);
        pair.Change(Input, Ixon, 0);
        pair.Show("flow control off"u8);
        pair.Change(Input, 0, Ixon);
        pair.Show("flow control on"u8);
        Sys.Control(pair.Slave, Pair.Tcflsh, 2);
        pair.Show("flush"u8);
        Sys.Control(pair.Slave, Pair.Tcxonc);
        Report.Number("poll"u8, Sys.Poll(pair.Master, 20));
        Sys.Control(pair.Slave, Pair.Tcxonc, 1);
        pair.Show("start"u8);
        pair.Close();
    }
}
