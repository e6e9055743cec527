using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using Libsys.Abi;
using Microkernel.Debug;

namespace Microkernel;

/// <summary>The end: a message, registers where there are any, the stack trace, and QEMU's exit port.</summary>
internal static unsafe class Panic
{
    private const ushort ExitPort = 0xf4;
    private const byte PanicStatus = 1, HaltStatus = 0x10;
    private const int MaxDepth = 40;

    private static uint stopping;

    /// <summary>Stops if an invariant does not hold.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Assert(bool holds, ReadOnlySpan<byte> what)
    {
        if (!holds)
            Stop(what);
    }

    /// <summary>Stops with a message and the trace of the caller.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Stop(ReadOnlySpan<byte> what)
    {
        Begin();
        Log.Write("PANIC: "u8);
        Log.Write(what);
        Log.Write("\n"u8);
        Trace(0, Machine.FramePointer());
        Exit(PanicStatus);
    }

    /// <summary>Stops because kernel code caused an exception.</summary>
    public static void Exception(RegisterFrame* frame, ulong vector)
    {
        Begin();
        Log.Write("PANIC: exception "u8);
        Log.Decimal(vector);
        Log.Write(" in the kernel, error "u8);
        Log.Hexadecimal(frame->Error);
        Log.Write(", cr2 "u8);
        Log.Hexadecimal(Machine.ReadCr2());
        Log.Write("\n"u8);
        Registers(frame);
        Trace(frame->Rip, (ulong*)frame->Rbp);
        Exit(PanicStatus);
    }

    [RuntimeExport("fatal_exception_entry")]
    private static void FatalException(RegisterFrame* frame) => Exception(frame, frame->Vector - 1);

    [RuntimeExport("kernel_fail_fast")]
    private static void FailFast(int code, ulong address)
    {
        Begin();
        Log.Write("PANIC: failed check, code "u8);
        Log.Decimal((ulong)code);
        Log.Write("\n"u8);
        Trace(address, Machine.FramePointer());
        Exit(PanicStatus);
    }

    // The core library's allocator: the kernel has no objects of the language.
    [RuntimeExport("image_allocate")]
    private static void* Allocate(nuint size)
    {
        Stop("managed allocation"u8);
        return null;
    }

    /// <summary>Ends QEMU (its status is twice the value plus 1); without the device, halts.</summary>
    public static void Exit(byte value)
    {
        Machine.PortOut8(ExitPort, value);
        Machine.HaltForever();
    }

    /// <summary>Ends QEMU in order.</summary>
    public static void Halt() => Exit(HaltStatus);

    // A panic within a panic, or on two CPUs, prints once.
    private static void Begin()
    {
        if (System.Threading.Interlocked.Exchange(ref stopping, 1) != 0)
            Machine.HaltForever();
        Log.Line("panic"u8);
    }

    private static void Registers(RegisterFrame* frame)
    {
        // In the order of the frame.
        ReadOnlySpan<byte> names = "r15 r14 r13 r12 rbp rbx r9  r8  r10 rdx rsi rdi rax r11 rcx vec err rip cs  fl  rsp ss  "u8;
        const int Width = 4;
        for (int i = 0; i < names.Length; i++)
        {
            if (i % Width == 0)
                Log.Write(" "u8);
            byte letter = names[i];
            if (letter != ' ')
                Log.Write(&letter, 1);
            if (i % Width != Width - 1)
                continue;
            Log.Write("="u8);
            Log.Hexadecimal(((ulong*)frame)[i / Width]);
        }
        Log.Write("\n"u8);
    }

    // Every compiled function keeps rbp as the link of a chain that entry code ends with 0.
    private static void Trace(ulong address, ulong* link)
    {
        if (address != 0)
            Frame(address);
        for (int depth = 0; depth < MaxDepth; depth++)
        {
            ulong at = (ulong)link;
            bool plausible = (at & 7) == 0
                && ((at >= PhysicalMap.Base && at < PhysicalMap.Base + PhysicalMap.Length) || (at >= KernelImage.Base && at < ulong.MaxValue - 16));
            if (!plausible)
                return;
            if (link[1] == 0)
                return;
            // The call lies before its return address.
            Frame(link[1] - 1);
            link = (ulong*)link[0];
        }
    }

    private static void Frame(ulong address)
    {
        Log.Write("  at "u8);
        ReadOnlySpan<byte> name = SymbolTable.FunctionAt(address, out uint offset);
        if (name.Length != 0)
        {
            Log.Write(name);
            Log.Write("+"u8);
            Log.Hexadecimal(offset);
        }
        else
        {
            Log.Hexadecimal(address);
        }
        Line(address);
    }

    private static void Line(ulong address)
    {
        ReadOnlySpan<byte> file = SymbolTable.FileAt(address, out uint line);
        if (file.Length != 0)
        {
            Log.Write(" "u8);
            Log.Write(file);
            Log.Write(":"u8);
            Log.Decimal(line);
        }
        Log.Write("\n"u8);
    }
}
