using Libsys.Abi;

namespace Libsys.Hosting;

/// <summary>A handle of any type: an index in the own table. A plain value: who owns the table entry closes it.</summary>
/// <param name="Index">Index; 0 is no handle.</param>
public readonly record struct KernelHandle(uint Index)
{
    /// <summary>True unless this is no handle.</summary>
    public bool IsValid => Index != 0;

    /// <summary>Frees the table entry; the last close of an object frees it.</summary>
    public KernelStatus Close() => Kernel.Status(KernelCall.HandleClose, Index);

    /// <summary>A second entry with at most these rights.</summary>
    public KernelStatus TryDuplicate(Rights rights, out KernelHandle duplicate)
    {
        KernelStatus status = Kernel.Handle(out uint handle, KernelCall.HandleDuplicate, Index, (ulong)rights);
        duplicate = new KernelHandle(handle);
        return status;
    }

    /// <summary>Type and rights.</summary>
    public KernelStatus TryQuery(out ObjectType type, out Rights rights)
    {
        long result = Kernel.Call(KernelCall.HandleQuery, Index);
        type = result < 0 ? ObjectType.None : (ObjectType)(result & 0xFF);
        rights = result < 0 ? Rights.None : (Rights)((result >> 8) & 0xFF);
        return result < 0 ? (KernelStatus)result : KernelStatus.Ok;
    }
}
