using Libsys.Abi;

namespace Libsys.Hosting;

/// <summary>What an account holds.</summary>
/// <param name="FrameLimit">Frames it may hold.</param>
/// <param name="Frames">Frames it holds.</param>
/// <param name="HandleLimit">Handles it may hold.</param>
/// <param name="Handles">Handles it holds.</param>
/// <param name="PeakFrames">Most frames it has held.</param>
public readonly record struct AccountState(ulong FrameLimit, ulong Frames, ulong HandleLimit, ulong Handles, ulong PeakFrames);

/// <summary>A hierarchical quota of frames and handles.</summary>
/// <param name="Index">Index in the own table.</param>
public readonly unsafe record struct AccountHandle(uint Index)
{
    /// <summary>As a handle of any type.</summary>
    public KernelHandle Handle => new(Index);

    /// <summary>Makes an account below this one.</summary>
    /// <param name="flags">Committed: the limits are set aside now, or NoMemory.</param>
    /// <param name="priorityCap">Highest priority of threads in its spaces; 0: this account's.</param>
    public KernelStatus TryCreateChild(ulong frameLimit, ulong handleLimit, out AccountHandle child, AccountFlags flags = AccountFlags.None,
        byte priorityCap = 0)
    {
        KernelStatus status = Kernel.Handle(out uint handle, KernelCall.AccountCreate, Index, frameLimit, handleLimit, (ulong)flags | (ulong)priorityCap << 8);
        child = new AccountHandle(handle);
        return status;
    }

    /// <summary>Reads limits and charges.</summary>
    public KernelStatus TryQuery(out AccountState state)
    {
        KernelStatus status = Kernel.Status(KernelCall.AccountQuery, Index);
        Message* area = Kernel.MessageArea;
        state = status != KernelStatus.Ok
            ? default
            : new AccountState(area->Words[0], area->Words[1], area->Words[2], area->Words[3], area->Words[4]);
        return status;
    }
}
