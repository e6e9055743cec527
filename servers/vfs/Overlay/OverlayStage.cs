using Servers.Vfs.Objects;

namespace Servers.Vfs.Overlay;

/// <summary>What a change that takes several steps has made in the work directory; it goes with the request if that ends before.</summary>
internal sealed class OverlayStage(Workspace work) : IRequestState
{
    /// <summary>What was made, and is held.</summary>
    public Dentry? Made { get; set; }

    /// <summary>Reads directories that must be empty, or whose names are to be hidden.</summary>
    public MergedListing? Listing { get; set; }

    /// <summary>How many of them are.</summary>
    public int Hidden { get; set; }

    /// <summary>It has the owner that it is to have.</summary>
    public bool IsOwned { get; set; }

    /// <summary>That of a request, a new one if it has none.</summary>
    public static OverlayStage Of(OperationContext context, Workspace work)
    {
        if (context.State is OverlayStage stage)
            return stage;
        stage = new OverlayStage(work);
        context.State = stage;
        return stage;
    }

    /// <summary>The change has been made or has failed: what is left goes.</summary>
    public void End(OperationContext context)
    {
        context.State = null;
        Abandon(context);
    }

    /// <inheritdoc/>
    public void Abandon(OperationContext request)
    {
        Listing?.Close();
        if (Made is { } made)
            work.Discard(made);
        (Made, Listing) = (null, null);
    }
}
