using System.Diagnostics;
using System.Text;
using Libsys.Messages;

namespace Libsys.Hosting;

/// <summary>The server's side of its <see cref="HealthPage"/>. Without a page (tests, the supervisor itself) nothing is kept.</summary>
public sealed unsafe class ServerHealth(MappedMemory? page)
{
    private uint operations;

    /// <summary>Answers the supervisor's question whether the loop still runs.</summary>
    public void AnswerHeartbeat() => page?.WriteUInt32(HealthPage.Answered, page.ReadUInt32(HealthPage.Ping));

    /// <summary>Notes an operation that is about to be served.</summary>
    public void Note(ulong time, OperationSource source, uint operation, ulong first, ulong second)
    {
        if (page is null)
            return;
        // Not checked: this is done for each request, and all slots lie in the one page that there is.
        byte* memory = page.Pointer;
        ulong* slot = (ulong*)(memory + HealthPage.Operations + operations % HealthPage.OperationSlots * HealthPage.OperationLength);
        slot[3] = second;
        slot[2] = first;
        slot[1] = (uint)source | (ulong)operation << 32;
        slot[0] = time;
        Volatile.Write(ref *(uint*)(memory + HealthPage.OperationCount), ++operations);
    }

    /// <summary>The fault that the supervisor wants to see, once; 0: none. Notes that it is committed now.</summary>
    public InjectedFault TakeFault()
    {
        if (page is null)
            return 0;
        var fault = (InjectedFault)Interlocked.Exchange(ref *(uint*)(page.Pointer + HealthPage.Fault), 0);
        page.WriteUInt64(HealthPage.FaultAt, SystemClock.Now);
        return fault;
    }

    /// <summary>Notes that a driver's device has been cut off from memory.</summary>
    public void NoteQuiesced() => page?.WriteUInt64(HealthPage.QuiescedAt, SystemClock.Now);

    /// <summary>Notes the time of a driver's first output or answer of this generation.</summary>
    public void NoteOutput()
    {
        if (page is not null && page.ReadUInt64(HealthPage.FirstOutput) == 0)
            page.WriteUInt64(HealthPage.FirstOutput, SystemClock.Now);
    }

    /// <summary>Describes the exception that ends the server.</summary>
    public void Describe(Exception error)
    {
        if (page is null)
            return;
        Span<byte> text = page.Span(HealthPage.Text, HealthPage.LongestText);
        Encoding.UTF8.GetEncoder().Convert($"{error.GetType().FullName}: {error.Message}", text, flush: true, out _, out int length, out _);
        page.WriteUInt32(HealthPage.TextLength, (uint)length);
        uint count = 0;
        foreach (StackFrame frame in new StackTrace(error, fNeedFileInfo: false).GetFrames())
        {
            if (count == HealthPage.MostFrames)
                break;
            page.WriteUInt64(HealthPage.Frames + count++ * sizeof(ulong), (ulong)frame.GetNativeIP());
        }

        page.WriteUInt32(HealthPage.FrameCount, count);
    }
}
