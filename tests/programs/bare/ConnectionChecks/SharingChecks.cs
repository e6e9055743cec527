using Bare;

namespace ConnectionChecks;

/// <summary>Reads, writes, duplicates, fork, exec: what is the same for a device of another server and for a fifo.</summary>
internal static class SharingChecks
{
    private const int GetFlags = 3, SetFlags = 4, SetCloseOnExec = 2;
    private const uint BytesReadable = 0x541B;

    public static void Run(long program, long path)
    {
        Data(path);
        Duplicates(path);
        Forks(path);
        Executes(program, path);
    }

    /// <summary>After an exec: descriptor 9 was inherited, 10 closed by it.</summary>
    public static void Executed()
    {
        Report.Number("executed: read inherited"u8, Sys.Read(9, 8));
        Report.Number("executed: write inherited"u8, Sys.Write(9, "after"u8));
        Report.Number("executed: closed on exec"u8, Sys.Write(10, "x"u8));
    }

    private static void Data(long path)
    {
        int box = Sys.Open(path, Sys.ReadWrite);
        Report.Number("open"u8, box >= 0 ? 0 : box);
        Report.Number("write"u8, Sys.Write(box, "hello"u8));
        Report.Number("bytes readable"u8, Sys.Control(box, BytesReadable, 0));
        Report.Number("read two"u8, Sys.Read(box, 2));
        Report.Number("read rest"u8, Sys.Read(box, 100));
        Report.Number("flags"u8, Sys.Fcntl(box, GetFlags, 0) & 3);
        Report.Number("set nonblocking"u8, Sys.Fcntl(box, SetFlags, Sys.NonBlock));
        Report.Number("read of nothing"u8, Sys.Read(box, 1));
        Report.Number("set blocking"u8, Sys.Fcntl(box, SetFlags, 0));
        Report.Number("no such ioctl"u8, Sys.ControlValue(box, 0x1234, 0));
        Report.Number("close"u8, Sys.Close(box));
        Report.Number("read closed"u8, Sys.Read(box, 1));
        int readOnly = Sys.Open(path, Sys.NonBlock);
        Report.Number("write to what is for reading"u8, Sys.Write(readOnly, "x"u8));
        Sys.Close(readOnly);
    }

    private static void Duplicates(long path)
    {
        int first = Sys.Open(path, Sys.ReadWrite), second = Sys.Duplicate(first);
        Report.Number("close of one of two"u8, Sys.Close(first));
        Report.Number("write to the other"u8, Sys.Write(second, "dup"u8));
        Report.Number("flags are shared"u8, Sys.Fcntl(second, SetFlags, Sys.NonBlock));
        int third = Sys.Duplicate(second);
        Report.Number("read from a third"u8, Sys.Read(third, 8));
        Report.Number("which does not wait"u8, Sys.Read(third, 8));
        Sys.Close(second);
        Sys.Close(third);
    }

    private static void Forks(long path)
    {
        int box = Sys.Open(path, Sys.ReadWrite);
        int child = Sys.Fork();
        if (child == 0)
        {
            // Waits for its parent, on a connection of its own.
            long read = Sys.Read(box, 8);
            Sys.Sleep(20);
            Report.Number("child read"u8, read);
            Report.Number("child closes"u8, Sys.Close(box));
            Report.Number("child reads what it closed"u8, Sys.Read(box, 8));
            Linux.Exit(7);
        }

        Report.Number("parent writes"u8, Sys.Write(box, "fork"u8));
        Report.Number("child ended"u8, Sys.Wait(child));
        Report.Number("parent writes again"u8, Sys.Write(box, "on"u8));

        // A grandchild uses first what neither of its ancestors between has used.
        child = Sys.Fork();
        if (child == 0)
        {
            int grandchild = Sys.Fork();
            if (grandchild == 0)
                Linux.Exit((int)(Sys.Read(box, 8) / 1000));
            Linux.Exit(Sys.Wait(grandchild));
        }

        Report.Number("grandchild read so many"u8, Sys.Wait(child));
        // Closed in the parent right behind the fork: the child's is another handle.
        child = Sys.Fork();
        if (child == 0)
        {
            Sys.Sleep(20);
            Linux.Exit((int)Sys.Write(box, "late"u8));
        }

        Sys.Close(box);
        Report.Number("child writes after parent closed"u8, Sys.Wait(child));
        // The last handle has gone, and with it what was in a fifo; a mailbox keeps it, so it is taken out.
        box = Sys.Open(path, Sys.ReadWrite | Sys.NonBlock);
        Sys.Read(box, 8);
        Sys.Close(box);
    }

    private static void Executes(long program, long path)
    {
        int box = Sys.Open(path, Sys.ReadWrite);
        Sys.Fcntl(box, 0, 10);
        Report.Number("close on exec"u8, Sys.Fcntl(10, SetCloseOnExec, 1));
        Sys.Fcntl(box, 0, 9);
        Sys.Write(box, "exec"u8);
        int child = Sys.Fork();
        if (child == 0)
        {
            Sys.Execute(program, path);
            Linux.Exit(1);
        }

        Report.Number("executed program ended"u8, Sys.Wait(child));
        Report.Number("read what it wrote"u8, Sys.Read(box, 8));
        Sys.Close(9);
        Sys.Close(10);
        Sys.Close(box);
    }
}
