using System;

namespace PersonalityTests;

/// <summary>EFAULT for every pointer argument that leads nowhere, is not accessible, or ends beyond a mapping; never a crash.</summary>
internal static unsafe class BadPointerTests
{
    // Call number, index of the pointer argument, 1 if the kernel writes there, bytes, then the other arguments (the pointer's slot is ignored).
    private static void Try(uint call, int pointer, bool writes, ulong bytes, ulong a0, ulong a1, ulong a2, ulong a3)
    {
        ulong page = Linux.Map(3 * 4096);
        Linux.Call(10, page + 4096, 4096, 0);
        ulong readOnly = page + 2 * 4096;
        Linux.Call(10, readOnly, 4096, 1);
        ulong* bad = stackalloc ulong[6];
        bad[0] = 8;
        bad[1] = 0xFFFF_8000_0000_0000;
        bad[2] = 0x8000_0000_0000_0000;
        bad[3] = page + 4096;
        bad[4] = page + 4096 - bytes + (bytes > 8 ? 8ul : 1);
        bad[5] = readOnly;
        ulong* arguments = stackalloc ulong[4];
        for (int i = 0; i < (writes ? 6 : 5); i++)
        {
            arguments[0] = a0;
            arguments[1] = a1;
            arguments[2] = a2;
            arguments[3] = a3;
            arguments[pointer] = bad[i];
            long result = Linux.Call(call, arguments[0], arguments[1], arguments[2], arguments[3]);
            if (!Report.Equal(Linux.EFAULT, result, "EFAULT"u8))
                Report.Number(i == 4 ? "  crossing, call "u8 : i == 5 ? "  read-only, call "u8 : "  wild, call "u8, call);
        }
        Linux.Call(11, page, 3 * 4096);
    }

    public static void Run()
    {
        ulong buffer = Linux.Map(4096);
        // clock_gettime, clock_getres, gettimeofday, nanosleep, clock_nanosleep
        Try(228, 1, true, 16, 1, 0, 0, 0);
        Try(229, 1, true, 16, 1, 0, 0, 0);
        Try(96, 0, true, 16, 0, 0, 0, 0);
        Try(35, 0, false, 16, 0, 0, 0, 0);
        Try(230, 2, false, 16, 1, 0, 0, 0);
        // rt_sigaction (new, old), rt_sigprocmask, rt_sigpending, sigaltstack, rt_sigtimedwait
        Try(13, 1, false, 32, 10, 0, 0, 8);
        Try(13, 2, true, 32, 10, 0, 0, 8);
        Try(14, 1, false, 8, 0, 0, 0, 8);
        Try(14, 2, true, 8, 0, 0, 0, 8);
        Try(127, 0, true, 8, 0, 8, 0, 0);
        Try(131, 0, false, 24, 0, 0, 0, 0);
        Try(131, 1, true, 24, 0, 0, 0, 0);
        Try(128, 0, false, 8, 0, 0, 0, 8);
        // uname, sethostname, setdomainname, sysinfo, arch_prctl(ARCH_GET_FS), getrandom, sched_getaffinity, getcpu, times, mincore's vector
        Try(63, 0, true, 390, 0, 0, 0, 0);
        Try(170, 0, false, 64, 0, 64, 0, 0);
        Try(171, 0, false, 64, 0, 64, 0, 0);
        Try(99, 0, true, 112, 0, 0, 0, 0);
        Try(158, 1, true, 8, 0x1003, 0, 0, 0);
        Try(204, 2, true, 8, 0, 8, 0, 0);
        Try(309, 0, true, 4, 0, 0, 0, 0);
        Try(100, 0, true, 32, 0, 0, 0, 0);
        Try(27, 2, true, 1, buffer, 4096, 0, 0);
        // setitimer, getitimer, timer_create
        Try(38, 1, false, 32, 0, 0, 0, 0);
        Try(36, 1, true, 32, 0, 0, 0, 0);
        Try(222, 1, false, 64, 1, 0, buffer, 0);
        // futex timeout (the word is the buffer, 0), set name, sched_getparam, clone3
        Try(202, 3, false, 16, buffer, 128, 0, 0);
        Try(157, 1, false, 1, 15, 0, 0, 0);
        Try(143, 1, true, 4, 0, 0, 0, 0);
        Try(435, 0, false, 64, 0, 64, 0, 0);
        // futex words themselves
        Report.Equal(Linux.EFAULT, Linux.Call(202, 8, 0, 0, 0), "futex wait at a wild word"u8);
        Report.Equal(Linux.EINVAL, Linux.Call(202, buffer + 1, 128, 0, 0), "futex wait at an odd word"u8);
        // A copy that crosses two good pages at every offset.
        for (ulong offset = 0; offset < 390; offset += 13)
        {
            ulong two = Linux.Map(8192);
            Report.Equal(0, Linux.Call(63, two + 4096 - offset), "copy across pages"u8);
            Report.Check(*(byte*)(two + 4096 - offset) == (byte)'L', "content across pages"u8);
            Linux.Call(11, two, 8192);
        }
        Linux.Call(11, buffer, 4096);
        TryStrings();
        Report.Line("ok bad pointers"u8);
    }

    // Paths of all lengths: slashes and a name, of which one is there. With the NUL in the last byte before memory that is not mapped, and behind that.
    private static void TryStrings()
    {
        const uint access = 21, most = 40;
        ulong page = Linux.Map(2 * 4096);
        Linux.Call(11, page + 4096, 4096);
        for (uint length = 0; length <= most; length++)
        {
            byte* path = (byte*)(page + 4096 - length - 5);
            for (uint i = 0; i <= length; i++)
                path[i] = (byte)'/';
            byte* name = path + length + 1;
            (name[0], name[1], name[2], name[3]) = ((byte)'d', (byte)'e', (byte)'v', 0);
            Report.Equal(0, Linux.Call(access, (ulong)path), "a path at the end of memory"u8);
            name[2] = (byte)'x';
            Report.Equal(-2, Linux.Call(access, (ulong)path), "another one"u8);
            name[3] = (byte)'/';
            Report.Equal(Linux.EFAULT, Linux.Call(access, (ulong)path), "a path without an end"u8);
        }
        Linux.Call(11, page, 4096);
    }
}
