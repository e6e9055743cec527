using System;
using System.Runtime;

namespace PersonalityTests;

/// <summary>Runs all tests. Exit status 0 if every check passed; the same program passes on Linux, which shows that the checks are right.</summary>
internal static unsafe class Program
{
    [RuntimeExport("test_main")]
    private static void Main(ulong* stack)
    {
        Report.Line("personality tests"u8);
        // "kill ROUNDS", "exit OFFSETS" or "pointers x": that test alone.
        if (stack[0] == 3)
        {
            if (*(byte*)stack[2] == 'k')
                KillTests.Run(Number((byte*)stack[3]));
            else if (*(byte*)stack[2] == 'p')
                PointerTable.Run();
            else
                ExitStubTests.Run((byte*)stack[3]);
            Report.Summary();
            Linux.Call(231, Report.Failures == 0 ? 0ul : 1);
        }
        // With one argument, which is its own name: executed by its tests.
        if (stack[0] == 2)
            Linux.Call(231, (ulong)ChildSignalTests.Look());
        StackTests.Run(stack);
        RegisterTests.Run();
        BadPointerTests.Run();
        MemoryTests.Run();
        TimeTests.Run();
        VdsoTests.Run(stack);
        SchedulingTests.Run();
        PipeTests.Run();
        SignalTests.Run();
        ChildSignalTests.Run();
        FaultTests.Run();
        ThreadTests.Run();
        StormTests.Run();
        Report.Summary();
        Linux.Call(231, Report.Failures == 0 ? 0ul : 1);
    }

    private static uint Number(byte* text)
    {
        uint value = 0;
        for (; *text >= '0' && *text <= '9'; text++)
            value = value * 10 + *text - '0';
        return value;
    }

    [RuntimeExport("test_fail_fast")]
    private static void FailFast(int code, ulong address)
    {
        Report.Number("FAIL failed check at "u8, address);
        Linux.Call(231, 2);
    }

    [RuntimeExport("image_allocate")]
    private static void* Allocate(nuint size) => null;
}

/// <summary>What a program finds on its stack (System V ABI).</summary>
internal static unsafe class StackTests
{
    public static void Run(ulong* stack)
    {
        Report.Check(((ulong)stack & 15) == 0, "stack aligned"u8, (ulong)stack);
        ulong count = stack[0];
        Report.Check(count >= 1, "argc"u8, count);
        Report.Check(stack[1 + count] == 0, "argv ends with null"u8);
        ulong* next = stack + 2 + count;
        while (*next != 0)
            next++;
        next++;
        bool random = false, page = false, entry = false, headers = false;
        for (; *next != 0; next += 2)
        {
            if (next[0] == 6)
                page = next[1] == 4096;
            if (next[0] == 25)
                random = ((ulong*)next[1])[0] != 0;
            if (next[0] == 9)
                entry = next[1] >= 0x400000 && next[1] < 0x500000;
            if (next[0] == 3)
                headers = *(uint*)next[1] == 1;
        }
        Report.Check(page, "AT_PAGESZ"u8);
        Report.Check(random, "AT_RANDOM"u8);
        Report.Check(entry, "AT_ENTRY"u8);
        Report.Check(headers, "AT_PHDR"u8);
        Report.Line("ok stack"u8);
    }
}
