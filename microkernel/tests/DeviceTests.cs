using Libsys.Abi;
using static KernelTests.Report;

namespace KernelTests;

/// <summary>Ports, interrupts and memory for devices.</summary>
internal static unsafe class DeviceTests
{
    private const ulong Machine = WellKnownHandle.BootMachine;
    // The first 16550 of a PC and its registers (NS16550A data sheet).
    private const ulong Uart = 0x3f8, InterruptEnable = Uart + 1, FifoControl = Uart + 2, LineControl = Uart + 3, ModemControl = Uart + 4,
        LineStatus = Uart + 5;
    private const ulong EnableAndClearFifos = 7, EightBits = 3, Loopback = 16, DataReady = 1;

    public static void Run() => Test("ports count what goes through them"u8, &Transfers);

    private static long Uart16550(out byte* area)
    {
        long ports = Kernel.Call(KernelCall.IoPortsCreate, Machine, Uart, 8);
        area = (byte*)&Kernel.Block->Message;
        Kernel.Call(KernelCall.PortWrite, (ulong)ports, InterruptEnable, 1, 0);
        Kernel.Call(KernelCall.PortWrite, (ulong)ports, LineControl, 1, EightBits);
        Kernel.Call(KernelCall.PortWrite, (ulong)ports, FifoControl, 1, EnableAndClearFifos);
        Kernel.Call(KernelCall.PortWrite, (ulong)ports, ModemControl, 1, Loopback);
        return ports;
    }

    // What is sent to a UART in loopback comes back. The bytes 0, 1, 2, … of the stream are their own numbers.
    private static ulong Send(long ports, byte* area, ulong position, ulong count)
    {
        for (ulong i = 0; i < count; i++)
            area[i] = (byte)(position + i);
        Expect(Kernel.Call(KernelCall.PortWriteBytes, (ulong)ports, Uart, count), 0, 20);
        // The device sends at its own pace.
        ulong received = 0;
        for (int tries = 0; tries < 10000 && received < count; tries++)
        {
            long n = Kernel.Call(KernelCall.PortReadWhile, (ulong)ports, Uart, LineStatus << 16 | DataReady, PortHistory.ReadLimit);
            Expect(n >= 0, 21);
            for (long i = 0; i < n; i++)
                Expect(area[i], (byte)(position + received++), 22);
            if (n == 0)
                Threads.Sleep(20_000);
        }
        Expect((long)received, (long)count, 23);
        return position + received;
    }

    private static void Transfers()
    {
        AccountState before = Accounts.State();
        long ports = Uart16550(out byte* area);
        ulong position = 0;
        foreach (int count in (System.ReadOnlySpan<int>)[16, 1, 16, 5])
            position = Send(ports, area, position, (ulong)count);
        // Another handle, as the next driver has it, tells the same.
        long other = Kernel.Call(KernelCall.HandleDuplicate, (ulong)ports, (ulong)Rights.Signal);
        Kernel.Call(KernelCall.HandleClose, (ulong)ports);
        Expect(Kernel.Call(KernelCall.PortQuery, (ulong)other), 0, 1);
        ulong* words = (ulong*)area;
        Expect((long)words[0], 38, 2);
        Expect((long)words[1], 38, 3);
        for (ulong p = position - PortHistory.Length; p < position; p++)
            Expect(area[16 + p % PortHistory.Length], (byte)p, 4);
        Expect(Kernel.Call(KernelCall.PortReadWhile, (ulong)other, Uart, LineStatus << 16 | DataReady, PortHistory.ReadLimit), 0, 5);
        Fails(Kernel.Call(KernelCall.PortReadWhile, (ulong)other, Uart, LineStatus << 16 | DataReady, PortHistory.ReadLimit + 1), KernelStatus.BadArgument, 6);
        Fails(Kernel.Call(KernelCall.PortReadWhile, (ulong)other, Uart, LineStatus << 16, 1), KernelStatus.BadArgument, 7);
        Fails(Kernel.Call(KernelCall.PortReadWhile, (ulong)other, Uart, LineStatus << 16 | 0x100, 1), KernelStatus.BadArgument, 8);
        Fails(Kernel.Call(KernelCall.PortReadWhile, (ulong)other, Uart, (Uart + 8) << 16 | DataReady, 1), KernelStatus.BadArgument, 9);
        Fails(Kernel.Call(KernelCall.PortReadWhile, (ulong)other, Uart + 8, LineStatus << 16 | DataReady, 1), KernelStatus.BadArgument, 10);
        Fails(Kernel.Call(KernelCall.PortReadWhile, (ulong)other, Uart, ulong.MaxValue, 1), KernelStatus.BadArgument, 11);
        Fails(Kernel.Call(KernelCall.PortQuery, Machine), KernelStatus.BadHandle, 12);
        Kernel.Call(KernelCall.HandleClose, (ulong)other);
        Accounts.ExpectSame(before, 13);
    }
}
