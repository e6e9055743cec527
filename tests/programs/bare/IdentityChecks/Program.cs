using System;
using System.Runtime;
using System.Runtime.InteropServices;
using Bare;

namespace IdentityChecks;

/// <summary>
/// Ids that others change: each question is asked often, for the first answers may come another way than the later ones. With an argument: tries to write them.
/// </summary>
internal static class Program
{
    private const long Nanosleep = 35, GetPid = 39,
        ForkNumber = 57, VforkNumber = 58, ExitNumber = 231, Wait4 = 61, Kill = 62, GetParent = 110, GetGroup = 111,
        SetGroup = 109, SetSession = 112, GetGroupOf = 121, GetSessionOf = 124, PipeNumber = 22, ReadNumber = 0, WriteNumber = 1,
        CloseNumber = 3, Subreaper = 157;
    private const int Often = 5;

    // Where this system keeps them; on Linux nothing is there.
    private const long PublishedIds = 0x7FFF_B21A_2000;

    [RuntimeExport("program_main")]
    private static int Main(int argumentCount, ulong arguments)
    {
        if (argumentCount > 1)
            return Write();
        // Orphans come here, whoever the first process is.
        Linux.Call(Subreaper, 36, 1);
        long self = Linux.Call(GetPid);
        int different = Same(GetGroup, 0) + Same(GetGroupOf, 0) + Same(GetGroupOf, self) + Same(GetSessionOf, 0);
        Report.Number("own group and session, the same each time"u8, different);
        Report.Number("parent, the same each time"u8, Same(GetParent, 0));
        Orphan(self);
        GroupByParent();
        Session();
        AfterVfork(self);
        Report.Number("nobody's group"u8, Linux.Call(GetGroupOf, 1 << 30));
        return 0;
    }

    // Each other answer than the first is counted, and an error.
    private static int Same(long call, long argument)
    {
        long first = Linux.Call(call, argument);
        int different = first <= 0 && call != GetParent ? 100 : 0;
        for (int round = 0; round < Often; round++)
            different += Linux.Call(call, argument) == first ? 0 : 1;
        return different;
    }

    private static void Orphan(long self)
    {
        Pipe(out int read, out int write);
        long child = Linux.Call(ForkNumber);
        if (child == 0)
        {
            long parent = Linux.Call(GetPid);
            if (Linux.Call(ForkNumber) == 0)
            {
                int wrong = 0;
                for (int round = 0; round < Often; round++)
                    wrong += Linux.Call(GetParent) == parent ? 0 : 1;
                Send(write, wrong == 0 ? 1 : 2);
                // It ends by itself; what is seen then must be the new parent, at once and for good.
                while (Linux.Call(GetParent) == parent)
                    Sleep();
                wrong = 0;
                for (int round = 0; round < Often; round++)
                    wrong += Linux.Call(GetParent) == self ? 0 : 1;
                Send(write, wrong == 0 ? 3 : 4);
                Linux.Exit(0);
            }

            Sleep();
            Linux.Exit(0);
        }

        Linux.Call(CloseNumber, write);
        Report.Number("child before its parent's end"u8, Receive(read));
        Report.Number("and after it"u8, Receive(read));
        Linux.Call(CloseNumber, read);
        Report.Number("both waited for"u8, Wait() + Wait());
    }

    private static void GroupByParent()
    {
        Pipe(out int read, out int write);
        Pipe(out int goRead, out int goWrite);
        long child = Linux.Call(ForkNumber);
        if (child == 0)
        {
            long before = Linux.Call(GetGroup), own = Linux.Call(GetPid);
            int wrong = Same(GetGroup, 0) + (before == own ? 1 : 0);
            Send(write, wrong);
            Receive(goRead);
            // Its parent's call has returned.
            wrong = 0;
            for (int round = 0; round < Often; round++)
                wrong += Linux.Call(GetGroup) == own && Linux.Call(GetGroupOf, own) == own ? 0 : 1;
            Send(write, wrong);
            Linux.Exit(0);
        }

        Report.Number("group before"u8, Receive(read));
        Report.Number("setpgid"u8, Linux.Call(SetGroup, child, child));
        Send(goWrite, 1);
        Report.Number("group after"u8, Receive(read));
        Report.Number("as the parent sees it"u8, Linux.Call(GetGroupOf, child) - child);
        Report.Number("waited for"u8, Wait());
    }

    private static void Session()
    {
        long child = Linux.Call(ForkNumber);
        if (child == 0)
        {
            long own = Linux.Call(GetPid);
            int wrong = Same(GetSessionOf, 0);
            wrong += Linux.Call(SetSession) == own ? 0 : 1;
            for (int round = 0; round < Often; round++)
                wrong += Linux.Call(GetSessionOf, 0) == own && Linux.Call(GetGroup) == own && Linux.Call(GetSessionOf, own) == own ? 0 : 1;
            Linux.Exit(wrong);
        }

        Report.Number("session"u8, Wait());
    }

    // A child in the same memory has ids of its own.
    private static void AfterVfork(long self)
    {
        long child = Linux.Call(VforkNumber);
        if (child == 0)
        {
            int wrong = 0;
            for (int round = 0; round < Often; round++)
                wrong += Linux.Call(GetParent) == self ? 0 : 1;
            Linux.Exit(wrong);
        }

        Report.Number("vfork"u8, Wait());
        Report.Number("and its parent"u8, Same(GetParent, 0));
    }

    // A program that knows the place can read what ps(1) shows, and write nothing: each of these ends by a signal.
    private static int Write()
    {
        for (int round = 0; round < Often; round++)
            Linux.Call(GetParent);
        Report.Number("readable"u8, Linux.MemoryAt(PublishedIds) >= 0 ? 1 : 0);
        if (Linux.Call(ForkNumber) == 0)
        {
            for (int round = 0; round < Often; round++)
                Linux.Call(GetParent);
            Linux.MemoryAt(PublishedIds) = 1;
            Linux.Exit(0);
        }

        Report.Number("written"u8, Wait());
        Report.Number("mprotect"u8, Linux.Call(10, PublishedIds, 4096, 3) == 0 ? 1 : 0);
        return 0;
    }

    private static long Wait()
    {
        Span<byte> status = stackalloc byte[4];
        Linux.Call(Wait4, -1, ref status[0], 0, 0, 0, 0);
        return MemoryMarshal.Read<int>(status);
    }

    private static void Sleep()
    {
        Span<long> time = [0, 20_000_000];
        Linux.Call(Nanosleep, ref MemoryMarshal.AsBytes(time)[0], 0, 0, 0, 0, 0);
    }

    private static void Pipe(out int read, out int write)
    {
        Span<int> ends = stackalloc int[2];
        Linux.Call(PipeNumber, ref MemoryMarshal.AsBytes(ends)[0], 0, 0, 0, 0, 0);
        read = ends[0];
        write = ends[1];
    }

    private static void Send(int pipe, int value)
    {
        Span<byte> one = [(byte)value];
        Linux.Call(WriteNumber, pipe, ref one[0], 1, 0, 0, 0);
    }

    private static int Receive(int pipe)
    {
        Span<byte> one = stackalloc byte[1];
        return Linux.Call(ReadNumber, pipe, ref one[0], 1, 0, 0, 0) == 1 ? one[0] : -1;
    }
}
