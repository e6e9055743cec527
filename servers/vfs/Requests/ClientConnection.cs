using Libsys.Messages;
using Servers.Vfs.Objects;
using Servers.Vfs.Processes;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>The connection of an attached address space: the requests that wait, and their answers.</summary>
public sealed class ClientConnection(uint id, IClientChannel channel) : AttachedSpace(id, channel)
{
    /// <summary>Requests of one connection that may wait: as many as the ring has slots.</summary>
    public const int WaitingLimit = (int)VfsLimits.Slots;

    /// <summary>Files that its requests together wait for: as many as 32 threads with 1,024 descriptors each.</summary>
    public const int MostWaitNodes = 32_768;

    private WritePermit?[]? permits;

    /// <summary>Calls that it does not wait for; null: it makes none, or broke the protocol.</summary>
    public PostedRing? Posted { get; set; }

    /// <summary>They are served before anything else (<see cref="PostedCalls"/>).</summary>
    public bool IsMinded { get; set; }

    /// <summary>Closes by message that could have been posted.</summary>
    public uint ClosesByMessage { get; set; }

    /// <summary>The permit to write of a handle, or of another one in its place; also one that is over.</summary>
    internal WritePermit? PermitOf(uint handle) => permits?[handle % PostedLayout.Permits];

    /// <summary>A handle may write without waiting from now on.</summary>
    internal void KeepPermit(uint handle, WritePermit permit) =>
        (permits ??= new WritePermit?[PostedLayout.Permits])[handle % PostedLayout.Permits] = permit;

    /// <summary>What names it may change without waiting; null: none.</summary>
    internal NamePermit? Naming { get; set; }

    /// <inheritdoc/>
    public override void EndNaming() => Naming?.End();

    /// <summary>What it has posted has been served, and it posts no more.</summary>
    public void DropPermits()
    {
        EndNaming();
        foreach (WritePermit? permit in permits ?? [])
            permit?.Drop();
        permits = null;
    }

    /// <inheritdoc/>
    public override void EndPosting()
    {
        Naming?.EndFresh();
        foreach (WritePermit? permit in permits ?? [])
            permit?.GiveUp();
    }

    /// <summary>Files that its requests wait for.</summary>
    public int WaitNodes { get; set; }

    /// <summary>Requests that wait: those that are answered in their first try do not come here.</summary>
    public List<Request> Waiting { get; } = new(4);

    /// <inheritdoc/>
    public override void DropRequests()
    {
        EndNaming();
        while (Waiting.Count > 0)
        {
            Request request = Waiting[^1];
            Waiting.RemoveAt(Waiting.Count - 1);
            (request.State as IRequestState)?.Abandon(request);
            request.Finish();
        }
    }

    /// <inheritdoc/>
    public override void DropRequests(uint slot)
    {
        if (Naming?.IsOf(slot) == true)
            EndNaming();
        for (int index = Waiting.Count - 1; index >= 0; index--)
        {
            if (Waiting[index].Submission.ProcessSlot == slot)
                End(Waiting[index], Outcome.Of(Errno.EINTR));
        }
    }

    /// <summary>Ends the request with a tag, with what it has or EINTR; not <paramref name="asking"/>, which may claim to be meant itself.</summary>
    internal void Cancel(ulong tag, Request asking)
    {
        Request? request = null;
        foreach (Request waiting in Waiting)
        {
            if (waiting.Submission.Tag == tag && waiting != asking)
                request = waiting;
        }

        if (request != null)
            End(request, request.Progress > 0 ? request.Progress : Outcome.Of(Errno.EINTR));
    }

    /// <summary>True if a request in work names a pool: its payload is looked up there again and again.</summary>
    public bool Uses(uint pool) => Waiting.Exists(request => request.Submission.Pool == pool);

    /// <summary>A request is done, by itself or because it was cancelled: it is answered and recycled.</summary>
    internal void End(Request request, long result)
    {
        ulong tag = request.Submission.Tag;
        (ulong v0, ulong v1, ulong v2) = (request.V0, request.V1, request.V2);
        if (request.IsListed)
            Waiting.Remove(request);
        if (request.State is IRequestState state)
            state.Abandon(request);
        request.Finish();
        Channel.Complete(tag, result, v0, v1, v2);
    }

    /// <summary>Answers what is no request.</summary>
    internal void Refuse(ulong tag, Errno error) => Channel.Complete(tag, Outcome.Of(error), 0, 0, 0);
}
