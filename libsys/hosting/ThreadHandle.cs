using Libsys.Abi;

namespace Libsys.Hosting;

/// <summary>A thread, usually of another space.</summary>
/// <param name="Index">Index in the own table.</param>
public readonly unsafe record struct ThreadHandle(uint Index)
{
    /// <summary>As a handle of any type.</summary>
    public KernelHandle Handle => new(Index);

    /// <summary>Stops it.</summary>
    public KernelStatus Suspend() => Kernel.Status(KernelCall.ThreadSuspend, Index);

    /// <summary>Lets it run again.</summary>
    public KernelStatus Resume() => Kernel.Status(KernelCall.ThreadResume, Index);

    /// <summary>Sets its priority, 1 to 31.</summary>
    public KernelStatus SetPriority(int priority) => Kernel.Status(KernelCall.ThreadSetPriority, Index, (ulong)priority);

    /// <summary>Registers of a suspended thread.</summary>
    public KernelStatus TryReadRegisters(out RegisterFrame registers)
    {
        KernelStatus status = Kernel.Status(KernelCall.ThreadReadRegisters, Index);
        registers = status == KernelStatus.Ok ? *(RegisterFrame*)Kernel.MessageArea : default;
        return status;
    }
}
