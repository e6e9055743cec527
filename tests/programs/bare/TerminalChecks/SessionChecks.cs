using System;
using Bare;

namespace TerminalChecks;

/// <summary>Sessions, foreground and background groups, hang-ups.</summary>
internal static class SessionChecks
{
    private const int Local = 3, ToStop = 0x100, NoShell = 99;

    public static void Run()
    {
        Ends();
        Controlling();
        Background();
        Keys();
        LeaderEnds();
        MasterCloses();
        Orphans();
    }

    private static void Ends()
    {
        int master = Sys.Open("/dev/ptmx\0"u8, Sys.ReadWrite | Sys.NoControlling);
        Pair pair = new() { Master = master, Number = Sys.GetInt(master, Pair.Tiocgptn) };
        Report.Number("locked slave"u8, pair.OpenSlave(Sys.NoControlling));
        Report.Number("poll of a fresh master"u8, Sys.Poll(master, 20));
        Sys.ControlInt(master, Pair.Tiocsptlck, 0);
        Span<byte> buffer = stackalloc byte[16];
        pair.Slave = Sys.Control(master, Pair.Tiocgptpeer, Sys.ReadWrite | Sys.NoControlling);
        Report.Number("peer"u8, pair.Slave < 0 ? pair.Slave : 0);
        Sys.Write(pair.Slave, "last words"u8);
        Sys.Close(pair.Slave);
        Report.Number("poll after the last close"u8, Sys.Poll(master, 20));
        Report.Bytes("what was written"u8, buffer, Sys.Read(master, buffer));
        Report.Number("then"u8, Sys.Read(master, buffer));
        Report.Number("poll"u8, Sys.Poll(master, 20));
        Report.Number("write to nobody"u8, Sys.Write(master, "x"u8));
        pair.Slave = pair.OpenSlave(Sys.NoControlling);
        pair.Show("opened again, echo"u8);
        int second = pair.OpenSlave(Sys.NoControlling);
        Report.Number("tiocexcl"u8, Sys.Control(pair.Slave, Pair.Tiocexcl));
        int third = pair.OpenSlave(Sys.NoControlling);
        Report.Number("root may open"u8, third < 0 ? third : 0);
        Sys.Close(third);
        Sys.Close(second);
        Sys.Close(master);
        Report.Number("read after the master closed"u8, Sys.Read(pair.Slave, buffer));
        Report.Number("write"u8, Sys.Write(pair.Slave, "x"u8));
        Report.Number("poll"u8, Sys.Poll(pair.Slave, 20));
        Report.Number("tcgets"u8, Sys.Control(pair.Slave, Pair.Tcgets, buffer));
        Report.Number("open"u8, pair.OpenSlave(Sys.NoControlling));
        Sys.Close(pair.Slave);
    }

    // A child that leads a session of its own on the slave; shows its wait status in the end.
    private static int Lead(in Pair pair)
    {
        int child = Sys.Fork();
        if (child != 0)
            return child;
        Sys.SetSession();
        Sys.Control(pair.Slave, Pair.Tiocsctty);
        return 0;
    }

    private static void Controlling()
    {
        Pair pair = Pair.Open();
        Pair other = Pair.Open();
        Report.Number("tiocgpgrp of a stranger"u8, Sys.GetInt(pair.Slave, Pair.Tiocgpgrp));
        Report.Number("tiocgpgrp on the master"u8, Sys.GetInt(pair.Master, Pair.Tiocgpgrp));
        Report.Number("tiocgsid of a stranger"u8, Sys.GetInt(pair.Slave, Pair.Tiocgsid));
        Report.Number("tiocsctty without a session"u8, Sys.Control(pair.Slave, Pair.Tiocsctty) < 0 ? 1 : 0);
        Report.Number("tiocnotty of a stranger"u8, Sys.Control(pair.Slave, Pair.Tiocnotty));
        int child = Sys.Fork();
        if (child == 0)
        {
            int self = Sys.SetSession();
            Report.Number("no terminal"u8, Sys.Open("/dev/tty\0"u8, Sys.ReadWrite));
            int opened = pair.OpenSlave(0);
            Report.Number("opened is controlling"u8, Sys.GetInt(opened, Pair.Tiocgsid) == self ? 1 : 0);
            int tty = Sys.Open("/dev/tty\0"u8, Sys.ReadWrite);
            Report.Number("dev/tty"u8, tty < 0 ? tty : 0);
            Report.Number("foreground"u8, Sys.GetInt(tty, Pair.Tiocgpgrp) == self ? 1 : 0);
            Report.Number("tiocsctty again"u8, Sys.Control(pair.Slave, Pair.Tiocsctty));
            Report.Number("a second terminal"u8, Sys.Control(other.Slave, Pair.Tiocsctty));
            Report.Number("tiocspgrp of no group"u8, Sys.ControlInt(tty, Pair.Tiocspgrp, 32000));
            Report.Number("negative"u8, Sys.ControlInt(tty, Pair.Tiocspgrp, -5));
            Report.Number("group of another session"u8, Sys.ControlInt(tty, Pair.Tiocspgrp, (int)Linux.Call(121, Linux.Call(110))));
            Report.Number("not the terminal"u8, Sys.ControlInt(other.Slave, Pair.Tiocspgrp, self));
            int grandchild = Sys.Fork();
            if (grandchild == 0)
            {
                Sys.SetGroup(0, 0);
                Sys.Ignore(Sys.Sigttou);
                Report.Number("ignoring sigttou, tiocspgrp"u8, Sys.ControlInt(tty, Pair.Tiocspgrp, Sys.Pid()));
                Report.Number("foreground"u8, Sys.GetInt(tty, Pair.Tiocgpgrp) == Sys.Pid() ? 1 : 0);
                Sys.ControlInt(tty, Pair.Tiocspgrp, self);
                Report.Number("tiocnotty of a member"u8, Sys.Control(tty, Pair.Tiocnotty));
                Report.Number("dev/tty then"u8, Sys.Open("/dev/tty\0"u8, Sys.ReadWrite));
                Linux.Exit(3);
            }

            Report.Number("status"u8, Sys.Wait(grandchild));
            Sys.Block(Sys.Set(Sys.Sighup) | Sys.Set(Sys.Sigcont));
            Report.Number("tiocnotty of the leader"u8, Sys.Control(tty, Pair.Tiocnotty));
            Report.Number("signal"u8, Sys.TakeSignal(Sys.Set(Sys.Sighup), 2000));
            Report.Number("signal"u8, Sys.TakeSignal(Sys.Set(Sys.Sigcont), 2000));
            Report.Number("dev/tty then"u8, Sys.Open("/dev/tty\0"u8, Sys.ReadWrite));
            Report.Number("session then"u8, Sys.GetInt(pair.Slave, Pair.Tiocgsid));
            Report.Number("another one"u8, Sys.Control(other.Slave, Pair.Tiocsctty));
            Linux.Exit(4);
        }

        Report.Number("status"u8, Sys.Wait(child));
        pair.Close();
        other.Close();
    }

    private static void Background()
    {
        Pair pair = Pair.Open();
        int leader = Lead(pair);
        if (leader == 0)
        {
            Show("read"u8, pair, 0);
            Show("read, ignored"u8, pair, 1);
            Show("read, blocked"u8, pair, 2);
            Show("write"u8, pair, 3);
            pair.Change(Local, 0, ToStop);
            Show("write with tostop"u8, pair, 3);
            Show("write with tostop, ignored"u8, pair, 4);
            pair.Change(Local, ToStop, 0);
            Show("tcsets"u8, pair, 5);
            Show("tcsets, blocked"u8, pair, 6);
            Show("tcflsh"u8, pair, 7);
            Show("tiocspgrp"u8, pair, 8);
            Show("tiocswinsz"u8, pair, 9);
            Show("stopped, then in the foreground"u8, pair, 10);
            Linux.Exit(5);
        }

        Report.Number("leader"u8, Sys.Wait(leader));
        pair.Close();
    }

    // A child in a background group does something; if that stops it, it is ended.
    private static void Show(ReadOnlySpan<byte> name, in Pair pair, int what)
    {
        int child = Sys.Fork();
        if (child == 0)
        {
            Sys.SetGroup(0, 0);
            Linux.Exit(-Act(pair, what) & 0x7F);
        }

        Sys.SetGroup(child, child);
        int status = Sys.Wait(child);
        Report.Number(name, status);
        if ((status & 0xFF) != 0x7F)
            return;
        if (what == 10)
        {
            // It is made again when it is continued, and then it may.
            Sys.Ignore(Sys.Sigttou);
            Sys.ControlInt(pair.Slave, Pair.Tiocspgrp, child);
            Sys.Write(pair.Master, "for it\n"u8);
            Sys.Kill(-child, Sys.Sigcont);
            Report.Number("continued"u8, Sys.Wait(child));
            Sys.ControlInt(pair.Slave, Pair.Tiocspgrp, Sys.Pid());
            Sys.Ignore(Sys.Sigttou, ignore: false);
            return;
        }

        Sys.Kill(child, Sys.Sigkill);
        Sys.Wait(child);
    }

    private static int Act(in Pair pair, int what)
    {
        Span<byte> buffer = stackalloc byte[36];
        switch (what)
        {
            case 1:
                Sys.Ignore(Sys.Sigttin);
                break;
            case 2:
                Sys.Block(Sys.Set(Sys.Sigttin));
                break;
            case 4:
                Sys.Ignore(Sys.Sigttou);
                break;
            case 6:
                Sys.Block(Sys.Set(Sys.Sigttou));
                break;
        }

        return what switch
        {
            0 or 1 or 2 or 10 => Sys.Read(pair.Slave, buffer),
            3 or 4 => Sys.Write(pair.Slave, "x"u8),
            5 or 6 => pair.Change(Local, 0, 0),
            7 => Sys.Control(pair.Slave, Pair.Tcflsh, 0),
            8 => Sys.ControlInt(pair.Slave, Pair.Tiocspgrp, Sys.Pid()),
            _ => Sys.Control(pair.Slave, Pair.Tiocswinsz, buffer),
        };
    }

    private static void Keys()
    {
        Pair pair = Pair.Open();
        int leader = Lead(pair);
        if (leader == 0)
        {
            Sys.Ignore(Sys.Sigttou);
            Type("interrupt"u8, pair, 3);
            Type("quit"u8, pair, 0x1C);
            Type("suspend"u8, pair, 0x1A);
            Type("window"u8, pair, 0);
            Linux.Exit(6);
        }

        Report.Number("leader"u8, Sys.Wait(leader));
        pair.Close();
    }

    private static void Type(ReadOnlySpan<byte> name, in Pair pair, byte key)
    {
        int child = Sys.Fork();
        if (child == 0)
        {
            Sys.SetGroup(0, 0);
            Sys.ControlInt(pair.Slave, Pair.Tiocspgrp, Sys.Pid());
            Sys.Block(Sys.Set(Sys.Sigwinch));
            Span<byte> buffer = stackalloc byte[8];
            buffer.Clear();
            if (key != 0)
            {
                Sys.Write(pair.Master, [key]);
                Sys.Read(pair.Slave, buffer);
                Linux.Exit(NoShell);
            }

            buffer[0] = 50;
            Sys.Control(pair.Master, Pair.Tiocswinsz, buffer);
            int first = Sys.TakeSignal(Sys.Set(Sys.Sigwinch), 2000);
            Sys.Control(pair.Slave, Pair.Tiocswinsz, buffer);
            Report.Number("the same size again"u8, Sys.TakeSignal(Sys.Set(Sys.Sigwinch), 50));
            Linux.Exit(first);
        }

        int status = Sys.Wait(child);
        Report.Number(name, status & 0xFF7F); // without the core bit
        if ((status & 0xFF) == 0x7F)
        {
            Sys.Kill(child, Sys.Sigkill);
            Sys.Wait(child);
        }

        Sys.ControlInt(pair.Slave, Pair.Tiocspgrp, Sys.Pid());
    }

    private static void LeaderEnds()
    {
        Pair pair = Pair.Open();
        Sys.Block(Sys.Set(Sys.Sigcont) | Sys.Set(Sys.Sighup));
        int leader = Lead(pair);
        if (leader == 0)
        {
            Sys.Ignore(Sys.Sigttou);
            int child = Sys.Fork();
            if (child == 0)
            {
                Sys.SetGroup(0, 0);
                Sys.ControlInt(pair.Slave, Pair.Tiocspgrp, Sys.Pid());
                Report.Number("foreground is told"u8, Sys.TakeSignal(Sys.Set(Sys.Sighup), 3000));
                Report.Number("and continued"u8, Sys.TakeSignal(Sys.Set(Sys.Sigcont), 100));
                Report.Number("session"u8, Sys.GetInt(pair.Slave, Pair.Tiocgsid));
                Report.Number("dev/tty"u8, Sys.Open("/dev/tty\0"u8, Sys.ReadWrite));
                Linux.Exit(0);
            }

            Sys.Sleep(200);
            Linux.Exit(7);
        }

        int status = Sys.Wait(leader);
        Sys.Sleep(600);
        Report.Number("leader"u8, status);
        Sys.Block(0);
        pair.Close();
    }

    private static void MasterCloses()
    {
        Pair pair = Pair.Open();
        Sys.Block(Sys.Set(Sys.Sigcont) | Sys.Set(Sys.Sighup));
        int leader = Lead(pair);
        if (leader == 0)
        {
            Sys.Close(pair.Master);
            Span<byte> buffer = stackalloc byte[8];
            Report.Number("read"u8, Sys.Read(pair.Slave, buffer));
            Report.Number("leader is told"u8, Sys.TakeSignal(Sys.Set(Sys.Sighup), 3000));
            Report.Number("and continued"u8, Sys.TakeSignal(Sys.Set(Sys.Sigcont), 3000));
            Report.Number("dev/tty"u8, Sys.Open("/dev/tty\0"u8, Sys.ReadWrite));
            Report.Number("tiocspgrp"u8, Sys.ControlInt(pair.Slave, Pair.Tiocspgrp, Sys.Pid()));
            Linux.Exit(8);
        }

        Sys.Sleep(200);
        Sys.Close(pair.Master);
        Report.Number("leader"u8, Sys.Wait(leader));
        Sys.Block(0);
        Sys.Close(pair.Slave);
    }

    private static void Orphans()
    {
        Pair pair = Pair.Open();
        int leader = Lead(pair);
        if (leader == 0)
        {
            // The child's parent ends, so nobody in the session could continue its group.
            int child = Sys.Fork();
            if (child == 0)
            {
                Sys.SetGroup(0, 0);
                if (Sys.Fork() != 0)
                    Linux.Exit(0);
                Sys.Sleep(100);
                Span<byte> buffer = stackalloc byte[8];
                Report.Number("orphan reads"u8, Sys.Read(pair.Slave, buffer));
                Report.Number("orphan sets"u8, pair.Change(Local, 0, 0));
                Report.Number("orphan claims"u8, Sys.ControlInt(pair.Slave, Pair.Tiocspgrp, (int)Linux.Call(121, 0)));
                Linux.Exit(0);
            }

            Sys.Wait(child);
            Sys.Sleep(400);
            Linux.Exit(9);
        }

        Report.Number("leader"u8, Sys.Wait(leader));
        pair.Close();
    }
}
