using System.Runtime.InteropServices;
using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>
/// Standard output and error of a server: lines of the kernel's log with time and the server's name in front, as its own log writes them. A runtime that gives
/// up says why there, in pieces, so a line is kept until it is whole. What a line cannot hold begins another.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ServerOutput
{
    private const uint StandardOutput = 1, StandardError = 2;

    // A stack trace's line with full type names stays below; the log's longest message is the message area.
    private const int LineLength = 1000;

    // More names a server than the manifest allows, and leaves room for the line.
    private const int NameLength = 64;

    // Copied at once from the program.
    private const ulong PieceLength = 256;

    private PersonalityLock guard;
    private int used;
    private int nameUsed;
    private fixed byte name[NameLength];
    private fixed byte line[LineLength];

    /// <summary>For the server whose arguments these are: the first one names it. Null without memory; then nothing is written.</summary>
    public static ServerOutput* Create(ArgumentList* arguments)
    {
        ServerOutput* output = (ServerOutput*)PersonalityHeap.Allocate((ulong)sizeof(ServerOutput));
        if (output == null || arguments->Count == 0)
            return output;
        byte* text = (*arguments)[0];
        while (output->nameUsed < NameLength && text[output->nameUsed] != 0)
        {
            output->name[output->nameUsed] = text[output->nameUsed];
            output->nameUsed++;
        }
        return output;
    }

    /// <summary>write(descriptor, buffer, length).</summary>
    public static long Write(TaskState* task, ulong descriptor, ulong buffer, ulong length)
    {
        IoVectors vectors;
        IoVectors.Single(&vectors, buffer, length);
        return Write(task, (uint)descriptor, &vectors);
    }

    /// <summary>writev(descriptor, vectors, count).</summary>
    public static long WriteVector(TaskState* task, ulong descriptor, ulong array, ulong count)
    {
        IoVectors vectors;
        long result = IoVectors.Load(&vectors, array, count);
        if (result < 0)
            return result;
        result = Write(task, (uint)descriptor, &vectors);
        IoVectors.Free(&vectors);
        return result;
    }

    /// <summary>Writes what waits for the end of its line.</summary>
    public static void Flush(TaskState* task)
    {
        ServerOutput* output = task->Process->Space->Output;
        if (output == null)
            return;
        PersonalityLock.Enter(&output->guard);
        if (output->used != 0)
            EndLine(task, output);
        PersonalityLock.Exit(&output->guard);
    }

    /// <summary>Begins a line of the personality's own: time and, in a server, its name.</summary>
    public static void BeginLine(ref Log log, TaskState* task)
    {
        if (task->Process->Space->Output != null)
            WritePrefix(ref log, task->Process->Space->Output);
    }

    private static long Write(TaskState* task, uint descriptor, IoVectors* vectors)
    {
        ServerOutput* output = task->Process->Space->Output;
        if (output == null || (descriptor != StandardOutput && descriptor != StandardError))
            return -Errno.EBADF;
        byte* piece = stackalloc byte[(int)PieceLength];
        ulong done = 0;
        while (done < vectors->Total)
        {
            ulong wanted = vectors->Total - done < PieceLength ? vectors->Total - done : PieceLength;
            // Outside the lock: the program's memory may have to be paged in.
            ulong copied = IoVectors.CopyIn(vectors, piece, wanted);
            IoVectors.Advance(vectors, copied);
            PersonalityLock.Enter(&output->guard);
            for (ulong i = 0; i < copied; i++)
                Add(task, output, piece[i]);
            PersonalityLock.Exit(&output->guard);
            done += copied;
            if (copied < wanted)
                return done != 0 ? (long)done : -Errno.EFAULT;
        }
        return (long)done;
    }

    private static void Add(TaskState* task, ServerOutput* output, byte value)
    {
        if (value == (byte)'\n')
        {
            EndLine(task, output);
            return;
        }
        if (output->used == LineLength)
            EndLine(task, output);
        // Nobody can draw on the log's terminal by a name or a message that it logs.
        output->line[output->used++] = value is < (byte)' ' or 0x7F ? (byte)'.' : value;
    }

    private static void EndLine(TaskState* task, ServerOutput* output)
    {
        var log = new Log(task);
        WritePrefix(ref log, output);
        log.Text(new System.ReadOnlySpan<byte>(output->line, output->used));
        log.End();
        output->used = 0;
    }

    private static void WritePrefix(ref Log log, ServerOutput* output)
    {
        const ulong Second = 1_000_000_000;
        ulong now = Clock.Now;
        log.Text("["u8);
        log.Number(now / Second, 5, (byte)' ');
        log.Text("."u8);
        log.Number(now % Second / 1000, 6, (byte)'0');
        log.Text("] "u8);
        log.Text(new System.ReadOnlySpan<byte>(output->name, output->nameUsed));
        log.Text(": "u8);
    }
}
