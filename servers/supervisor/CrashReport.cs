using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;

namespace Servers.Supervisor;

/// <summary>
/// What a failed server was doing: registers, taken while its thread stood still; its stack, read from its memory, which stays until its space is torn down;
/// the exception that it described itself; and the last operations that it began. Everything that comes from the server's memory is its claim: numbers are
/// shown, and followed only by bounded steps.
/// </summary>
internal sealed class CrashReport
{
    // Deep recursion ends many crashes; its beginning and what led to it are not both of use.
    private const int MostFrames = 48;

    private readonly ServerInstance instance;
    private readonly RegisterFrame? registers;

    private CrashReport(ServerInstance instance, RegisterFrame? registers)
    {
        this.instance = instance;
        this.registers = registers;
    }

    /// <summary>Of a thread that stands still in a fault or in a call, or is suspended.</summary>
    public static CrashReport OfThread(ServerInstance instance, uint slot) =>
        new(instance, instance.Space.TryReadRegisters(slot, out RegisterFrame frame) == KernelStatus.Ok ? frame : null);

    /// <summary>Of a thread that is in its personality because of a signal: the program's registers are in its block.</summary>
    public static CrashReport OfProgram(ServerInstance instance, uint slot) =>
        new(instance, instance.Space.TryReadProgramRegisters(slot, out RegisterFrame frame) == KernelStatus.Ok ? frame : null);

    /// <summary>Of a process whose threads are gone or tell nothing.</summary>
    public static CrashReport WithoutThread(ServerInstance instance) => new(instance, null);

    /// <summary>The exception that the server described, or an empty text.</summary>
    public static string ExceptionOf(ServerInstance instance)
    {
        // Copied first: the server's other threads still run, and decoding reads more than once.
        Span<byte> text = stackalloc byte[HealthPage.LongestText];
        instance.Health.Span(HealthPage.Text, text.Length).CopyTo(text);
        uint length = Math.Min(instance.Health.ReadUInt32(HealthPage.TextLength), HealthPage.LongestText);
        return Encoding.UTF8.GetString(text[..(int)length]);
    }

    /// <summary>Writes the report, a line each.</summary>
    public void Write(Action<string> line, CodeNames names)
    {
        if (registers is { } frame)
        {
            line(string.Create(CultureInfo.InvariantCulture, $"  rip {frame.Rip:x16} rsp {frame.Rsp:x16} rbp {frame.Rbp:x16} rflags {frame.Rflags:x}"));
            line(string.Create(CultureInfo.InvariantCulture,
                $"  rax {frame.Rax:x16} rbx {frame.Rbx:x16} rcx {frame.Rcx:x16} rdx {frame.Rdx:x16} rsi {frame.Rsi:x16} rdi {frame.Rdi:x16}"));
            line(string.Create(CultureInfo.InvariantCulture, $"  r8 {frame.R8:x16} r9 {frame.R9:x16} r10 {frame.R10:x16} r11 {frame.R11:x16}"));
            line(string.Create(CultureInfo.InvariantCulture, $"  r12 {frame.R12:x16} r13 {frame.R13:x16} r14 {frame.R14:x16} r15 {frame.R15:x16}"));
        }

        if (!WriteException(line, names) && registers is { } top)
            WriteStack(line, names, top);
        WriteOperations(line);
    }

    private bool WriteException(Action<string> line, CodeNames names)
    {
        uint count = Math.Min(instance.Health.ReadUInt32(HealthPage.FrameCount), HealthPage.MostFrames);
        for (uint index = 0; index < count; index++)
        {
            // The first is the instruction that threw or faulted; the others are return addresses.
            ulong address = instance.Health.ReadUInt64(HealthPage.Frames + index * sizeof(ulong));
            line("  at " + names.Name(index == 0 ? address : address - 1));
        }

        return count > 0;
    }

    // Compiled code keeps rbp as the link of a chain: the caller's rbp, then the return address.
    private void WriteStack(Action<string> line, CodeNames names, in RegisterFrame frame)
    {
        line("  at " + names.Name(frame.Rip));
        Span<byte> link = stackalloc byte[2 * sizeof(ulong)];
        ulong at = frame.Rbp;
        for (int depth = 0; depth < MostFrames; depth++)
        {
            if (instance.Space.TryRead(at, link, out int count) != KernelStatus.Ok || count < link.Length)
                return;
            ulong next = BinaryPrimitives.ReadUInt64LittleEndian(link);
            ulong back = BinaryPrimitives.ReadUInt64LittleEndian(link[sizeof(ulong)..]);
            if (back == 0)
                return;
            line("  at " + names.Name(back - 1));
            if (next <= at)
                return; // a stack grows down: a chain that does not go up is none
            at = next;
        }
    }

    private void WriteOperations(Action<string> line)
    {
        const int Shown = 8;
        uint count = instance.Health.ReadUInt32(HealthPage.OperationCount);
        for (uint number = count - Math.Min(count, Shown); number != count; number++)
        {
            ulong slot = HealthPage.Operations + (ulong)(number % HealthPage.OperationSlots) * HealthPage.OperationLength;
            ulong time = instance.Health.ReadUInt64(slot);
            ulong what = instance.Health.ReadUInt64(slot + 8);
            string source = (OperationSource)(uint)what switch { OperationSource.Ring => "request", OperationSource.Endpoint => "call", _ => "?" };
            line(string.Create(
                CultureInfo.InvariantCulture,
                $"  message {number}: {time / 1_000_000_000}.{time / 1000 % 1_000_000:D6} {source} {what >> 32} " +
                $"(0x{instance.Health.ReadUInt64(slot + 16):x}, 0x{instance.Health.ReadUInt64(slot + 24):x})"));
        }
    }
}
