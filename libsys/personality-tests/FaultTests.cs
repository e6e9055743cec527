using System;

namespace PersonalityTests;

/// <summary>Exceptions become signals with the right code and address, and a handler can continue elsewhere.</summary>
internal static unsafe class FaultTests
{
    public static void Run()
    {
        Linux.Handle(11, 0, 0);
        Linux.Handle(8, 0, 0);
        Linux.Handle(4, 0, 0);
        Linux.Handle(5, 0, 0);
        Linux.Handle(7, 0, 0);
        ulong memory = Linux.Map(2 * 4096);
        Linux.Call(10, memory, 4096, 1);
        Linux.Call(10, memory + 4096, 4096, 0);

        Expect(11, 1, 8);
        Report.Check(Linux.Touch(8) == ulong.MaxValue, "read of nothing resumed"u8);
        Seen(11, 1, 8, "read of nothing"u8);
        Report.Check(Handler.LastVector == 14, "trap number"u8, Handler.LastVector);
        Expect(11, 2, memory);
        Linux.Store(memory);
        Seen(11, 2, memory, "write to read-only"u8);
        Expect(11, 2, memory + 4096);
        Linux.Touch(memory + 4096 + 16);
        Seen(11, 2, memory + 4096 + 16, "read of PROT_NONE"u8);
        Expect(11, 0x80, 0);
        Linux.Touch(0x8000_0000_0000_0000);
        Seen(11, 0x80, 0, "non-canonical address"u8);
        Expect(8, 1, 0);
        Report.Check(Linux.Divide(0) == ulong.MaxValue, "division resumed"u8);
        Report.Check(Handler.Signal == 8 && Handler.Code == 1, "FPE_INTDIV"u8, (ulong)Handler.Code);
        Expect(4, 2, 0);
        Linux.Undefined();
        Report.Check(Handler.Signal == 4 && Handler.Code == 2, "ILL_ILLOPN"u8, (ulong)Handler.Code);
        Handler.Reset();
        Linux.Breakpoint();
        Report.Check(Handler.Signal == 5 && Handler.Code == 0x80, "breakpoint"u8, (ulong)Handler.Code);
        Handler.Reset();
        Linux.SingleStep();
        Report.Check(Handler.Signal == 5 && Handler.Code == 2 && Handler.Count >= 1, "single step"u8, Handler.Count);
        for (int i = 0; i < 2000; i++)
        {
            Handler.ResumeAt = Linux.FaultResume();
            Linux.Touch(8);
        }
        Linux.Call(11, memory, 8192);
        Report.Line("ok faults"u8);
    }

    private static void Expect(uint signal, int code, ulong address)
    {
        Handler.Reset();
        Handler.ResumeAt = Linux.FaultResume();
    }

    private static void Seen(uint signal, int code, ulong address, ReadOnlySpan<byte> what)
    {
        Report.Check(Handler.Signal == signal && Handler.Count == 1, what, Handler.Signal);
        Report.Check(Handler.Code == code, what, (ulong)Handler.Code);
        Report.Check(Handler.Address == address, what, Handler.Address);
    }
}
