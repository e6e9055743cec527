using System.Runtime.InteropServices;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>Whether a thread waits for several requests.</summary>
internal enum RequestJoin : byte
{
    /// <summary>For this one alone.</summary>
    Alone,
    /// <summary>For this one; others end it.</summary>
    Called,
    /// <summary>For another, which this one ends.</summary>
    Posted,
}

/// <summary>How a request ended, besides its result.</summary>
internal enum VfsEnding : uint
{
    /// <summary>vfs completed it by itself.</summary>
    Completed = 0,
    /// <summary>A signal came while it waited, and it was cancelled. Its result still counts: it may have been done before the cancellation arrived.</summary>
    Interrupted = 1,
    /// <summary>Its deadline passed, and it was cancelled.</summary>
    TimedOut = 2,
}

/// <summary>One request to vfs with its results, on the stack of the thread that makes it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct VfsRequest
{
    /// <summary>Arguments, see <see cref="VfsOperation"/>.</summary>
    public ulong A0, A1, A2, A3, A4;
    /// <summary>Operation.</summary>
    public VfsOperation Operation;
    /// <summary>Server that it is for; 0: vfs.</summary>
    public byte Server;
    /// <summary>Whether its thread waits for others beside it (<see cref="PostedRequests"/>).</summary>
    public RequestJoin Join;
    /// <summary>Pool that the buffer is in.</summary>
    public byte Pool;
    /// <summary>Buffer: offset in the pool and usable bytes; length 0 = none.</summary>
    public uint PoolOffset, PoolLength;
    /// <summary>Order of the pool block, −1 if none is held.</summary>
    public int PoolOrder;
    /// <summary>When to give up, nanoseconds since boot.</summary>
    public ulong Deadline;
    /// <summary>1 if no signal ends it: it waits for nothing but a disk, and programs do not expect EINTR from a file, signal(7).</summary>
    public uint Uninterruptible;
    /// <summary>How it ended.</summary>
    public VfsEnding Ending;
    /// <summary>Requests to other servers, the completion of any of which ends this one; null: none.</summary>
    public PostedRequests* Posted;
    /// <summary>Further results.</summary>
    public ulong V0, V1, V2;

    /// <summary>Fills a request without payload.</summary>
    public static void Begin(VfsRequest* request, VfsOperation operation, ulong a0 = 0, ulong a1 = 0, ulong a2 = 0, ulong a3 = 0, ulong a4 = 0)
    {
        request->A0 = a0;
        request->A1 = a1;
        request->A2 = a2;
        request->A3 = a3;
        request->A4 = a4;
        request->Operation = operation;
        request->Server = 0;
        request->Join = RequestJoin.Alone;
        request->Pool = 0;
        request->PoolOffset = 0;
        request->PoolLength = 0;
        request->PoolOrder = -1;
        request->Deadline = Personality.Deadline.Never;
        request->Uninterruptible = 0;
        request->Ending = VfsEnding.Completed;
        request->Posted = null;
        request->V0 = 0;
        request->V1 = 0;
        request->V2 = 0;
    }
}
