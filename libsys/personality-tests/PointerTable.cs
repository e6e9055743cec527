using System;

namespace PersonalityTests;

/// <summary>
/// Every pointer argument of every call, each with pointers that lead nowhere: `personality-tests pointers x` prints one line an argument with the results, for
/// comparison with Linux. In order: an unmapped page, the kernel's half, an address that is not canonical, the personality's window (unmapped on Linux), the
/// last byte of a page with nothing behind it, and a page that may not be accessed.
/// </summary>
internal static unsafe partial class PointerTable
{
    private const ulong Here = unchecked((ulong)-100L);
    private const ulong Length = 65536;
    private const int Kinds = 6;

    private static bool skipsWindow;
    private static ulong hole, crossing, buffer;

    /// <summary>Prints all.</summary>
    public static void Run()
    {
        // All memory that is needed, before a hole is made that it could fall into.
        Begin(0, 0);
        buffer = Linux.Map(Length);
        ulong pages = Linux.Map(4 * 4096);
        Linux.Call(10, pages + 4096, 4096, 0);
        Linux.Call(11, pages + 2 * 4096, 4096);
        crossing = pages + 4095;
        hole = pages + 2 * 4096;
        // No NUL and no zero at the end of the page: a string or a count goes on behind it.
        *(byte*)crossing = 0x61;
        fixed (byte* name = "/pointers.file\0"u8, other = "/pointers.other\0"u8, link = "/pointers.link\0"u8, type = "tmpfs\0"u8)
        {
            ulong file = (ulong)Linux.Call(2, (ulong)name, 0x242, 0x180);
            Linux.Call(1, file, buffer, 4096);
            Linux.Call(88, (ulong)name, (ulong)link);
            Data(file);
            Paths((ulong)name, (ulong)other, (ulong)link, (ulong)type);
            Linux.Call(87, (ulong)link);
            Linux.Call(87, (ulong)name);
        }
        Waits();
        Ids();
        Signals();
        Times();
        System();
        SystemV();
        Children();
        Report.Line("ok pointers"u8);
    }

    private static ulong Buffer(int index) => buffer + (ulong)index * 4096;

    private static void Data(ulong file)
    {
        byte* root = stackalloc byte[2];
        root[0] = (byte)'/';
        root[1] = 0;
        ulong directory = (ulong)Linux.Call(2, (ulong)root, 0x10000);
        int* pipe = stackalloc int[2];
        Linux.Call(22, (ulong)pipe);
        ulong input = (uint)pipe[0], output = (uint)pipe[1];
        Linux.Call(1, output, Buffer(0), 16);
        Vector(file);
        Linux.Call(8, file, 0, 0);
        Try(0, 2, file, 0, 64);
        Try(1, 2, file, 0, 64);
        Try(17, 2, file, 0, 64, 0);
        Try(18, 2, file, 0, 64, 0);
        Try(19, 2, file, 0, 1);
        Try(20, 2, file, 0, 1);
        Try(295, 2, file, 0, 1, 0);
        Try(296, 2, file, 0, 1, 0);
        Try(327, 2, file, 0, 1, 0);
        Try(328, 2, file, 0, 1, 0);
        Try(5, 2, file, 0);
        Try(72, 4, file, 5, 0);
        Try(72, 4, file, 6, 0);
        Try(72, 4, file, 7, 0);
        Try(16, 4, file, 0x5401, 0);
        Try(16, 4, input, 0x541B, 0);
        Try(16, 4, input, 0x5421, 0);
        Try(40, 4, output, file, 0, 16);
        Try(326, 2, file, 0, file, 0, 16, 0);
        Try(326, 8, file, 0, file, 0, 16, 0);
        Try(275, 2, file, 0, output, 0, 16, 0);
        Try(217, 2, directory, 0, 1024);
        Try(78, 2, directory, 0, 1024);
        Try(138, 2, file, 0);
        Linux.Call(3, directory);
        Linux.Call(3, input);
        Linux.Call(3, output);
    }

    // Buffers behind a good array of them.
    private static void Vector(ulong file)
    {
        ulong* vector = (ulong*)Buffer(1);
        for (uint call = 19; call <= 20; call++)
        {
            Begin(call, 10);
            for (int kind = 0; kind < Kinds; kind++)
            {
                vector[0] = Bad(kind);
                vector[1] = 64;
                Linux.Call(8, file, 0, 0);
                Result(Linux.Call(call, file, (ulong)vector, 1));
            }
            Report.EndList();
        }
    }

    private static void Paths(ulong name, ulong other, ulong link, ulong type)
    {
        Try(2, 1, 0, 0);
        Try(257, 2, Here, 0, 0, 0);
        Try(85, 1, 0, 0x180);
        *(ulong*)Buffer(2) = 0;
        Try(437, 2, Here, 0, Buffer(2), 24);
        Try(437, 4, Here, name, 0, 24);
        Try(4, 1 | 2, name, Buffer(0));
        Try(6, 1 | 2, name, Buffer(0));
        Try(262, 2 | 4, Here, name, Buffer(0), 0);
        Try(332, 2 | 16, Here, name, 0, 0xFFF, Buffer(0));
        Try(21, 1, 0, 0);
        Try(269, 2, Here, 0, 0);
        Try(439, 2, Here, 0, 0, 0);
        Try(22, 1, 0);
        Try(293, 1, 0, 0);
        Try(319, 1, 0, 0);
        Try(89, 1 | 2, link, Buffer(0), 64);
        Try(267, 2 | 4, Here, link, Buffer(0), 64);
        Try(83, 1, 0, 0x1C0);
        Try(258, 2, Here, 0, 0x1C0);
        Try(133, 1, 0, 0x1180, 0);
        Try(259, 2, Here, 0, 0x1180, 0);
        Try(87, 1, 0);
        Try(84, 1, 0);
        Try(263, 2, Here, 0, 0);
        Try(82, 1 | 2, name, other);
        Try(264, 2 | 8, Here, name, Here, other);
        Try(316, 2 | 8, Here, name, Here, other, 0);
        Try(86, 1 | 2, name, other);
        Try(265, 2 | 8, Here, name, Here, other, 0);
        Try(88, 1 | 2, name, other);
        Try(266, 1 | 4, name, Here, other);
        Try(90, 1, 0, 0x180);
        Try(268, 2, Here, 0, 0x180);
        Try(92, 1, 0, ulong.MaxValue, ulong.MaxValue);
        Try(94, 1, 0, ulong.MaxValue, ulong.MaxValue);
        Try(260, 2, Here, 0, ulong.MaxValue, ulong.MaxValue, 0);
        Try(132, 1 | 2, name, Buffer(3));
        Try(235, 1 | 2, name, Buffer(3));
        Try(261, 2 | 4, Here, name, Buffer(3));
        Try(280, 2 | 4, Here, name, Buffer(3), 0);
        Try(76, 1, 0, 0);
        Try(80, 1, 0);
        Try(161, 1, 0);
        Try(79, 1, 0, 4096);
        Try(137, 1 | 2, name, Buffer(0));
        Try(165, 1 | 2 | 4, name, other, type, 0, 0);
        Try(166, 1, 0, 0);
        Try(59, 1 | 2 | 4, name, 0, 0);
        Try(322, 2 | 4 | 8, Here, name, 0, 0, 0);
    }

    private static void Waits()
    {
        int* pipe = stackalloc int[2];
        Linux.Call(22, (ulong)pipe);
        ulong input = (uint)pipe[0], set = (ulong)Linux.Call(291, 0), time = Buffer(5);
        // struct pollfd: the pipe, POLLIN.
        *(ulong*)Buffer(6) = input | 1ul << 32;
        Try(7, 1, 0, 1, 0);
        Try(271, 1 | 4 | 8, Buffer(6), 1, time, Buffer(7), 8);
        Try(23, 2 | 4 | 8 | 16, 1, Buffer(8), Buffer(9), Buffer(10), time);
        Try(270, 2 | 4 | 8 | 16 | 32, 1, Buffer(8), Buffer(9), Buffer(10), time, 0);
        Try(233, 8, set, 1, input, 0);
        // An event is there to be written: Linux looks at the address no further otherwise.
        Linux.Call(1, (uint)pipe[1], Buffer(0), 1);
        *(ulong*)Buffer(12) = 1;
        Linux.Call(233, set, 1, input, Buffer(12));
        Try(232, 2, set, 0, 1, 0);
        Try(281, 2 | 16, set, Buffer(11), 1, 0, Buffer(7), 8);
        Try(441, 2 | 8 | 16, set, Buffer(11), 1, time, Buffer(7), 8);
        Linux.Call(3, set);
        Linux.Call(3, input);
        Linux.Call(3, (uint)pipe[1]);
    }

    private static void Ids()
    {
        Try(98, 2, 0, 0);
        Try(97, 2, 7, 0);
        Try(160, 2, 7, 0);
        Try(302, 4, 0, 7, 0, 0);
        Try(302, 8, 0, 7, 0, 0);
        Try(115, 2, 10, 0);
        Try(116, 2, 1, 0);
        Try(118, 1 | 2 | 4, Buffer(0), Buffer(0), Buffer(0));
        Try(120, 1 | 2 | 4, Buffer(0), Buffer(0), Buffer(0));
        *(ulong*)Buffer(12) = 0x20080522;
        Try(125, 1 | 2, Buffer(12), Buffer(0));
    }

    private static void Signals()
    {
        Try(129, 4, Linux.ProcessId, 10, 0);
        Try(297, 8, Linux.ProcessId, Linux.ThreadId, 10, 0);
        Try(13, 2, 10, 0, 0, 8);
        Try(13, 4, 10, 0, 0, 8);
        Try(14, 2, 0, 0, 0, 8);
        Try(14, 4, 0, 0, 0, 8);
        Try(127, 1, 0, 8);
        Try(128, 1 | 4, Buffer(7), 0, Buffer(5), 8);
        Try(130, 1, 0, 8);
        Try(131, 1, 0, 0);
        Try(131, 2, 0, 0);
    }

    private static void Times()
    {
        uint timer = 0;
        Linux.Call(222, 1, 0, (ulong)&timer);
        Try(222, 2 | 4, 1, 0, Buffer(0));
        Try(223, 4, timer, 0, 0, 0);
        Try(223, 8, timer, 0, Buffer(5), 0);
        Try(224, 2, timer, 0);
        Linux.Call(226, timer);
        Try(38, 2, 0, 0, 0);
        Try(38, 4, 0, Buffer(5), 0);
        Try(36, 2, 0, 0);
        Try(35, 1, 0, 0);
        Try(230, 4, 1, 0, 0, 0);
        Try(228, 2, 1, 0);
        Try(229, 2, 1, 0);
        Try(96, 1 | 2, Buffer(0), Buffer(0));
        Try(201, 1, 0);
        Try(100, 1, 0);
    }

    private static void System()
    {
        ulong word = Buffer(13);
        Try(202, 1, 0, 128, 0, Buffer(5));
        // Linux does not touch the memory; here the window is nobody's to name.
        skipsWindow = true;
        Try(202, 1, 0, 129, 1);
        Try(202, 16, word, 131, 0, 1, 0);
        Try(202, 16, word, 132, 0, 1, 0, 0);
        skipsWindow = false;
        Try(202, 8, word, 128, 0, 0);
        Try(202, 8, word, 137, 0, 0, 0, uint.MaxValue);
        Try(274, 2 | 4, 0, Buffer(0), Buffer(0));
        Try(203, 4, 0, 8, 0);
        Try(204, 4, 0, 128, 0);
        Try(142, 2, 0, 0);
        Try(143, 2, 0, 0);
        Try(144, 4, 0, 0, 0);
        Try(148, 2, 0, 0);
        Try(309, 1 | 2, Buffer(0), Buffer(0));
        Try(63, 1, 0);
        Try(99, 1, 0);
        Try(158, 2, 0x1003, 0);
        Try(158, 2, 0x1004, 0);
        Try(318, 1, 0, 16, 0);
        Try(27, 4, buffer, 4096, 0);
        Try(157, 2, 15, 0);
        Try(157, 2, 16, 0);
        Try(157, 2, 2, 0);
        Try(157, 2, 37, 0);
        Try(435, 1, 0, 64);
        Try(10, 1, 0, 4096, 1);
        Try(28, 1, 0, 4096, 4);
    }

    // What wait4 and waitid write, with a child to report.
    private static void Children()
    {
        for (int argument = 1; argument <= 3; argument += 2)
        {
            Begin(61, (uint)argument);
            for (int kind = 0; kind < Kinds; kind++)
            {
                Fork();
                Result(Linux.Call(61, ulong.MaxValue, argument == 1 ? Bad(kind) : 0, 0, argument == 3 ? Bad(kind) : 0) > 0 ? 1 : -14);
                Linux.Call(61, ulong.MaxValue, 0, 1, 0);
            }
            Report.EndList();
        }
        for (int argument = 2; argument <= 4; argument += 2)
        {
            Begin(247, (uint)argument);
            for (int kind = 0; kind < Kinds; kind++)
            {
                Fork();
                Result(Linux.Call(247, 0, 0, argument == 2 ? Bad(kind) : 0, 4, argument == 4 ? Bad(kind) : 0, 0));
                Linux.Call(61, ulong.MaxValue, 0, 1, 0);
            }
            Report.EndList();
        }
    }

    private static void Fork()
    {
        if (Linux.Call(57) == 0)
            Linux.Call(231, 0);
    }

    private static ulong Bad(int kind) => kind switch
    {
        0 => hole,
        1 => 0xFFFF_8000_0000_0000,
        2 => 0x8000_0000_0000_0000,
        3 => Libsys.Abi.Window.Base + 0x1000,
        4 => crossing,
        _ => crossing + 1,
    };

    // Each argument in the mask in turn; the others as given.
    private static void Try(uint call, uint mask, ulong a0 = 0, ulong a1 = 0, ulong a2 = 0, ulong a3 = 0, ulong a4 = 0, ulong a5 = 0)
    {
        ulong* given = stackalloc ulong[6];
        for (int argument = 0; argument < 6; argument++)
        {
            if ((mask >> argument & 1) == 0)
                continue;
            Begin(call, (uint)argument);
            for (int kind = 0; kind < Kinds; kind++)
            {
                if (kind == 3 && skipsWindow)
                    continue;
                given[0] = a0;
                given[1] = a1;
                given[2] = a2;
                given[3] = a3;
                given[4] = a4;
                given[5] = a5;
                given[argument] = Bad(kind);
                // Reading goes on where it ended: from the start again, or there is nothing to copy.
                if (call is 0 or 1 or 19 or 20 or 78 or 217)
                    Linux.Call(8, a0, 0, 0);
                Result(Linux.Call(call, given[0], given[1], given[2], given[3], given[4], given[5]));
            }
            Report.EndList();
        }
    }

    private static void Begin(uint call, uint argument) => Report.BeginList("call "u8, call, argument);

    private static void Result(long result) => Report.AddToList(result);
}
